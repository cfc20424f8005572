-- The movements of annual recurring cents by year: the opening of its first month, sums, the closing of its last month. Retention is of
-- the customers at the year's opening, to its last month: it never sums the churn of twelve months over the opening.
-- Grain: year.
-- Inputs: staging.retention, staging.years, kpi.mrr_movements_monthly.
with
years as (
    select
        years.year,
        min(years.month) as first_month,
        max(years.month) as last_month,
        bool_or(years.is_running) as is_running,
        arg_min(movements.opening_arr_cents, years.month) as opening_arr_cents,
        sum(movements.new_arr_cents)::bigint as new_arr_cents,
        sum(movements.reactivation_arr_cents)::bigint as reactivation_arr_cents,
        sum(movements.expansion_arr_cents)::bigint as expansion_arr_cents,
        sum(movements.contraction_arr_cents)::bigint as contraction_arr_cents,
        sum(movements.churn_arr_cents)::bigint as churn_arr_cents,
        arg_max(movements.closing_arr_cents, years.month) as closing_arr_cents
    from staging.years as years
    inner join kpi.mrr_movements_monthly as movements on years.month = movements.month
    group by years.year
)
select
    years.* exclude (first_month, last_month),
    retention.now_cents / nullif(retention.then_cents, 0) as net_revenue_retention,
    retention.kept_cents / nullif(retention.then_cents, 0) as gross_revenue_retention,
    (years.new_arr_cents + years.reactivation_arr_cents + years.expansion_arr_cents)
        / nullif(years.contraction_arr_cents + years.churn_arr_cents, 0) as quick_ratio
from years
left join staging.retention as retention
    on retention.then_month = years.first_month - interval 1 month and years.last_month = retention.now_month
order by years.year;
