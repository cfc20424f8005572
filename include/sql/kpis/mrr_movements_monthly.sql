-- Annual recurring cents (ARR = MRR x 12) of the customers at month start and end, and the moves between them, lead by lead: opening +
-- new + reactivation + expansion - contraction - churn = closing. Retention is of the month; *_12m: of the customers twelve months before.
-- Grain: month.
-- Inputs: staging.customer_values, staging.months, staging.retention.
with
moves as (
    select
        month,
        coalesce(sum(closing_annual_cents) filter (where movement = 'new'), 0)::bigint as new_cents,
        coalesce(sum(closing_annual_cents) filter (where movement = 'reactivation'), 0)::bigint as reactivation_cents,
        coalesce(sum(greatest(closing_annual_cents - opening_annual_cents, 0)) filter (where movement = 'change'), 0)::bigint
            as expansion_cents,
        coalesce(sum(greatest(opening_annual_cents - closing_annual_cents, 0)) filter (where movement = 'change'), 0)::bigint
            as contraction_cents,
        coalesce(sum(opening_annual_cents) filter (where movement = 'churn'), 0)::bigint as churn_cents
    from staging.customer_values
    group by month
),
all_months as (
    select month from staging.months
    union
    select month from moves
),
balances as (
    select
        all_months.month,
        coalesce(moves.new_cents, 0) as new_cents,
        coalesce(moves.reactivation_cents, 0) as reactivation_cents,
        coalesce(moves.expansion_cents, 0) as expansion_cents,
        coalesce(moves.contraction_cents, 0) as contraction_cents,
        coalesce(moves.churn_cents, 0) as churn_cents,
        cast(sum(coalesce(
            moves.new_cents + moves.reactivation_cents + moves.expansion_cents - moves.contraction_cents - moves.churn_cents, 0
        )) over (order by all_months.month) as bigint) as closing_cents
    from all_months
    left join moves on all_months.month = moves.month
),
openings as (
    select *, lag(closing_cents, 1, 0) over (order by month) as opening_cents
    from balances
)
select
    months.month,
    months.is_running,
    openings.opening_cents as opening_arr_cents,
    openings.new_cents as new_arr_cents,
    openings.reactivation_cents as reactivation_arr_cents,
    openings.expansion_cents as expansion_arr_cents,
    openings.contraction_cents as contraction_arr_cents,
    openings.churn_cents as churn_arr_cents,
    openings.closing_cents as closing_arr_cents,
    (openings.opening_cents + openings.expansion_cents - openings.contraction_cents - openings.churn_cents)
        / nullif(openings.opening_cents, 0) as net_revenue_retention,
    (openings.opening_cents - openings.contraction_cents - openings.churn_cents)
        / nullif(openings.opening_cents, 0) as gross_revenue_retention,
    (openings.new_cents + openings.reactivation_cents + openings.expansion_cents)
        / nullif(openings.contraction_cents + openings.churn_cents, 0) as quick_ratio,
    retention.now_cents / nullif(retention.then_cents, 0) as net_revenue_retention_12m,
    retention.kept_cents / nullif(retention.then_cents, 0) as gross_revenue_retention_12m,
    retention.customers_now / nullif(retention.customers_then, 0) as customer_retention_12m
from staging.months as months
inner join openings on months.month = openings.month
left join staging.retention as retention
    on months.month = retention.now_month and retention.then_month = months.month - interval 12 month
    and retention.then_month in (select month from staging.months)
order by months.month;
