-- When a lead was a customer, up to as_of: [started_at, ended_at), ended_at null while it lasts. customer_basis lead_status: while its
-- role is customer. customer_basis opportunity: from the date_won of its first won recurring opportunity on, except while its role is
-- churned or lost.
-- Grain: lead_id, started_at.
-- Inputs: settings.run, staging.lead_timeline, staging.opportunities.
with
first_wins as (
    select lead_id, min(won_on) as first_won_on
    from staging.opportunities
    where is_won and is_recurring and won_on is not null and lead_id is not null
    group by lead_id
),
customers as (
    select timeline.lead_id
    from staging.lead_timeline as timeline
    cross join settings.run
    where run.customer_basis = 'lead_status' and timeline.role = 'customer'
    union
    select first_wins.lead_id
    from first_wins
    cross join settings.run
    where run.customer_basis = 'opportunity'
),
moments as (
    select lead_id, entered_at as happened_at, step, role, false as is_win
    from staging.lead_timeline
    where lead_id in (select lead_id from customers)
    union all
    select
        first_wins.lead_id,
        timezone(run.timezone, cast(first_wins.first_won_on as timestamp)) as happened_at,
        -1 as step,
        null as role,
        true as is_win
    from first_wins
    cross join settings.run
    where run.customer_basis = 'opportunity'
),
known_moments as (
    select
        moments.lead_id,
        moments.happened_at,
        moments.step,
        run.customer_basis,
        last_value(moments.role ignore nulls) over history as role,
        max(moments.is_win) over history as has_won
    from moments
    cross join settings.run
    where moments.happened_at <= run.as_of
    window history as (
        partition by moments.lead_id order by moments.happened_at, moments.step
        rows between unbounded preceding and current row
    )
),
states as (
    select
        lead_id,
        happened_at,
        case customer_basis
            when 'opportunity' then has_won and coalesce(role not in ('churned', 'lost'), true)
            else role is not distinct from 'customer'
        end as is_customer
    from known_moments
    qualify row_number() over (partition by lead_id, happened_at order by step desc) = 1
),
switches as (
    select lead_id, happened_at, is_customer
    from states
    qualify is_customer is distinct from lag(is_customer, 1, false) over (partition by lead_id order by happened_at)
),
periods as (
    select
        lead_id,
        is_customer,
        happened_at as started_at,
        lead(happened_at) over (partition by lead_id order by happened_at) as ended_at
    from switches
)
select
    periods.lead_id,
    periods.started_at,
    periods.ended_at,
    cast(timezone(run.timezone, periods.started_at) as date) as started_on,
    cast(timezone(run.timezone, periods.ended_at) as date) as ended_on
from periods
cross join settings.run
where periods.is_customer;
