-- Won opportunities with a date_won, and what it took to win them: days from creation to win (empty where the win is dated before the
-- creation), counted calls and e-mails by anyone on the lead from the creation to the end of the local day of the win.
-- Grain: opportunity_id.
-- Inputs: settings.run, staging.activities, staging.opportunities, staging.recurring_wins.
with
wins as (
    select opportunity_id, lead_id, user_id, is_recurring, annual_cents, one_time_cents, created_at, created_on, won_on
    from staging.opportunities
    where is_won and won_on is not null
),
contacts as materialized (
    -- Up to two days after the win anywhere: the local day is told apart below, for these few only.
    select wins.opportunity_id, wins.won_on, activities.activity_type, activities.happened_at
    from wins
    inner join staging.activities
        on wins.lead_id = activities.lead_id
        and activities.happened_at >= wins.created_at
        and activities.happened_at < timezone('UTC', cast(wins.won_on + 2 as timestamp))
    where activities.is_counted
),
efforts as (
    select
        contacts.opportunity_id,
        count(*) filter (where contacts.activity_type = 'call') as calls,
        count(*) filter (where contacts.activity_type = 'email') as emails
    from contacts
    cross join settings.run
    where cast(timezone(run.timezone, contacts.happened_at) as date) <= contacts.won_on
    group by contacts.opportunity_id
)
select
    wins.opportunity_id,
    wins.lead_id,
    wins.user_id,
    wins.won_on,
    case when wins.won_on >= wins.created_on then wins.won_on - wins.created_on end as days_to_close,
    coalesce(efforts.calls, 0) as calls,
    coalesce(efforts.emails, 0) as emails,
    case when wins.is_recurring then wins.annual_cents end as deal_annual_cents,
    coalesce(recurring_wins.added_annual_cents, 0) as added_annual_cents,
    wins.one_time_cents
from wins
left join efforts on wins.opportunity_id = efforts.opportunity_id
left join staging.recurring_wins on wins.opportunity_id = recurring_wins.opportunity_id;
