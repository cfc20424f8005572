-- Opportunities that were won or lost on a day that is known, and what it took: days from creation to win (empty where the win is dated
-- before the creation), counted calls and e-mails by anyone on the lead from the creation to the end of the local day of the decision.
-- Empty for renewals, which are no sales, for imported opportunities and for those without a creation date. deal_annual_cents: of a won
-- recurring opportunity that is no renewal and has a value above 0.
-- Grain: opportunity_id.
-- Inputs: settings.run, staging.activities, staging.opportunities, staging.recurring_wins.
with
decisions as (
    select
        opportunity_id,
        lead_id,
        user_id,
        pipeline_role = 'renewal' as is_renewal,
        is_won,
        is_recurring,
        annual_cents,
        one_time_cents,
        created_at,
        created_on,
        pipeline_role <> 'renewal' and not is_imported and created_at is not null as is_measured,
        coalesce(won_on, lost_on) as decided_on
    from staging.opportunities
    where won_on is not null or lost_on is not null
),
contacts as materialized (
    -- Up to two days after the decision anywhere: the local day is told apart below, for these few only.
    select decisions.opportunity_id, decisions.decided_on, activities.activity_type, activities.happened_at
    from decisions
    inner join staging.activities
        on decisions.lead_id = activities.lead_id
        and activities.happened_at >= decisions.created_at
        and activities.happened_at < timezone('UTC', cast(decisions.decided_on + 2 as timestamp))
    where activities.is_counted and activities.activity_type in ('call', 'email') and decisions.is_measured
),
efforts as (
    select
        contacts.opportunity_id,
        count(*) filter (where contacts.activity_type = 'call') as calls,
        count(*) filter (where contacts.activity_type = 'email') as emails
    from contacts
    cross join settings.run
    where cast(timezone(run.timezone, contacts.happened_at) as date) <= contacts.decided_on
    group by contacts.opportunity_id
)
select
    decisions.opportunity_id,
    decisions.lead_id,
    decisions.user_id,
    decisions.decided_on,
    decisions.is_won,
    decisions.is_renewal,
    case
        when decisions.is_won and decisions.is_measured and decisions.decided_on >= decisions.created_on
            then decisions.decided_on - decisions.created_on
    end as days_to_close,
    case when decisions.is_measured then coalesce(efforts.calls, 0) end as calls,
    case when decisions.is_measured then coalesce(efforts.emails, 0) end as emails,
    case
        when decisions.is_won and decisions.is_recurring and not decisions.is_renewal and decisions.annual_cents > 0
            then decisions.annual_cents
    end as deal_annual_cents,
    coalesce(recurring_wins.added_annual_cents, 0) as added_annual_cents,
    case when decisions.is_won then decisions.one_time_cents else 0 end as one_time_cents
from decisions
left join efforts on decisions.opportunity_id = efforts.opportunity_id
left join staging.recurring_wins on decisions.opportunity_id = recurring_wins.opportunity_id;
