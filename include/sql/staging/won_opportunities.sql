-- Grain: opportunity_id. Won opportunities with a date_won, and what it took to win them: days from creation to win (empty where the
-- win is dated before the creation), counted calls and e-mails by anyone on the lead from the creation to the end of the day of the win.
-- Of the months that are needed (see workspace/need_from.sql).
create or replace view staging.won_opportunities as
with
wins as (
    select opportunity_id, lead_id, user_id, is_recurring, annual_cents, one_time_cents, created_at, created_on, won_on
    from staging.opportunities
    where is_won and won_on >= coalesce(cast(timezone('UTC', cast(getvariable('needed_from') as timestamptz)) as date), date '-infinity')
),
needed_calls as (
    -- On the stored column, and in two parts: so files and row groups of earlier months are not read.
    select lead_id, called_at
    from staging.calls
    where is_counted and activity_at >= coalesce(getvariable('contacts_from'), timestamptz '-infinity')
    union all
    select lead_id, called_at
    from staging.calls
    where is_counted and activity_at is null
),
needed_emails as (
    select lead_id, emailed_at
    from staging.emails
    where is_counted and activity_at >= coalesce(getvariable('contacts_from'), timestamptz '-infinity')
    union all
    select lead_id, emailed_at
    from staging.emails
    where is_counted and activity_at is null
),
contacts as materialized (
    -- Up to two days after the win anywhere: the local day is told apart below, for these few only.
    select wins.opportunity_id, wins.won_on, calls.called_at as contacted_at, 1 as calls, 0 as emails
    from wins
    inner join needed_calls as calls
        on wins.lead_id = calls.lead_id
        and calls.called_at >= wins.created_at
        and calls.called_at < timezone('UTC', cast(wins.won_on + 2 as timestamp))
    union all
    select wins.opportunity_id, wins.won_on, emails.emailed_at, 0, 1
    from wins
    inner join needed_emails as emails
        on wins.lead_id = emails.lead_id
        and emails.emailed_at >= wins.created_at
        and emails.emailed_at < timezone('UTC', cast(wins.won_on + 2 as timestamp))
),
dated_contacts as (
    select contacts.*, cast(timezone(run.timezone, contacts.contacted_at) as date) as contacted_on
    from contacts
    cross join settings.run
),
efforts as (
    select opportunity_id, sum(calls) as calls, sum(emails) as emails
    from dated_contacts
    where contacted_on <= won_on
    group by opportunity_id
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
