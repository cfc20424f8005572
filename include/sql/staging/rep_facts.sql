-- Every fact has its month and its user (null: unassigned); a column that does not concern it is null. The rows of a rep, and the team,
-- are sums over these.
-- Grain: a record that counts in the rep report (activities: a row per user and month with any, and how many calls and e-mails count).
-- Inputs: staging.cancelled_leads, staging.demos, staging.opportunities, staging.rep_activity, staging.won_opportunities.
with
demos as (
    select demo_on as happened_on, user_id, 1 as new_demos from staging.demos
),
wins as (
    select
        won_on as happened_on,
        user_id,
        1 as won_opportunities,
        added_annual_cents as arr_added_cents,
        one_time_cents as one_time_won_cents,
        days_to_close,
        calls as calls_of_deal,
        emails as emails_of_deal,
        deal_annual_cents
    from staging.won_opportunities
),
losses as (
    select lost_on as happened_on, user_id, 1 as lost_opportunities
    from staging.opportunities
    where lost_on is not null
),
cancellations as (
    select month as happened_on, user_id, 1 as cancelled_leads from staging.cancelled_leads
),
activities as (
    select month as happened_on, user_id, calls, emails from staging.rep_activity
),
facts as (
    select * from activities
    union all by name
    select * from demos
    union all by name
    select * from wins
    union all by name
    select * from losses
    union all by name
    select * from cancellations
)
select
    cast(date_trunc('month', happened_on) as date) as month,
    user_id,
    new_demos,
    won_opportunities,
    lost_opportunities,
    cancelled_leads,
    arr_added_cents,
    one_time_won_cents,
    days_to_close,
    calls_of_deal,
    emails_of_deal,
    deal_annual_cents,
    calls,
    emails
from facts
where happened_on is not null;
