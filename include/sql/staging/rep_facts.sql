-- Every fact has its month and its user (null: unassigned); a column that does not concern it is null. The rows of a rep, and the team,
-- are sums over these.
-- Grain: a record that counts in the rep report (activities: a row per user and month with any, and how many of them count).
-- Inputs: staging.cancelled_leads, staging.decided_opportunities, staging.demos, staging.rep_activity.
with
demos as (
    select demo_on as happened_on, user_id, 1 as new_demos from staging.demos
),
decisions as (
    select
        decided_on as happened_on,
        user_id,
        case when is_won and not is_renewal then 1 end as won_opportunities,
        case when not is_won and not is_renewal then 1 end as lost_opportunities,
        case when is_won and is_renewal then 1 end as won_renewals,
        case when not is_won and is_renewal then 1 end as lost_renewals,
        case when is_won then added_annual_cents end as arr_added_cents,
        case when is_won then one_time_cents end as one_time_won_cents,
        days_to_close,
        case when is_won then calls end as calls_of_win,
        case when is_won then emails end as emails_of_win,
        calls as calls_of_decision,
        emails as emails_of_decision,
        deal_annual_cents
    from staging.decided_opportunities
),
cancellations as (
    select month as happened_on, user_id, 1 as cancelled_leads from staging.cancelled_leads
),
activities as (
    select month as happened_on, user_id, calls, emails, activities from staging.rep_activity
),
facts as (
    select * from activities
    union all by name
    select * from demos
    union all by name
    select * from decisions
    union all by name
    select * from cancellations
)
select
    cast(date_trunc('month', happened_on) as date) as month,
    user_id,
    new_demos,
    won_opportunities,
    lost_opportunities,
    won_renewals,
    lost_renewals,
    cancelled_leads,
    arr_added_cents,
    one_time_won_cents,
    days_to_close,
    calls_of_win,
    emails_of_win,
    calls_of_decision,
    emails_of_decision,
    deal_annual_cents,
    calls,
    emails,
    activities
from facts
where happened_on is not null;
