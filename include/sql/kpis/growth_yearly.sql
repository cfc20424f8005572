-- The rows below the months of each year. year: flows are sums, balances the last month's; churn and gross growth are the monthly rates on
-- opening, compounded, net growth closing / opening - 1. average: the mean over the completed months, column by column. yoy: growth against
-- last year on the months that are completed in both years, for rates the difference of the two; empty where last year has none or, for
-- flows and balances, is 0.
-- Grain: year, row_kind.
-- Inputs: staging.years, kpi.growth_monthly.
with
months as (
    select years.year, growth.*
    from kpi.growth_monthly as growth
    inner join staging.years as years on growth.month = years.month
),
compared_months as (
    select this_year.month, last_year.month as month_of_last_year, this_year.year
    from months as this_year
    inner join months as last_year on this_year.month = last_year.month + interval 1 year
    where not this_year.is_running and not last_year.is_running
),
months_of_periods as (
    select 'year' as period, months.* from months
    union all
    select 'this_year' as period, months.*
    from months
    inner join compared_months on months.month = compared_months.month
    union all
    select 'last_year' as period, months.* replace (compared_months.year as year)
    from months
    inner join compared_months on months.month = compared_months.month_of_last_year
),
periods as (
    -- The opening is the first month's, balances are the last month's; everything else but the rates is a flow.
    select
        period,
        year,
        bool_or(is_running) as is_running,
        arg_min(opening_customers, month) as opening_customers,
        arg_max(columns(['total_customers', 'arr_cents', 'mrr_cents']), month),
        sum(columns(* exclude (
            period, year, month, is_running, opening_customers, total_customers, arr_cents, mrr_cents, churn_rate,
            gross_growth_rate, net_growth_rate
        ))),
        1 - product(1 - churned_customers / nullif(opening_customers, 0)) as churn_rate,
        product(1 + (new_customers + reactivated_customers) / nullif(opening_customers, 0)) - 1 as gross_growth_rate,
        arg_max(total_customers, month) / nullif(arg_min(opening_customers, month), 0) - 1 as net_growth_rate
    from months_of_periods
    group by period, year
),
years as (
    select 'year' as row_kind, * exclude (period) from periods where period = 'year'
),
averages as (
    select
        'average' as row_kind,
        year,
        bool_or(is_running) as is_running,
        avg(columns(* exclude (year, month, is_running))) filter (where not is_running)
    from months
    group by year
),
growth as (
    select
        year,
        columns(* exclude (period, year, is_running, churn_rate, gross_growth_rate, net_growth_rate))
        / nullif(
            lag(columns(* exclude (period, year, is_running, churn_rate, gross_growth_rate, net_growth_rate))) over to_last_year, 0
        ) - 1,
        columns(['churn_rate', 'gross_growth_rate', 'net_growth_rate'])
        - lag(columns(['churn_rate', 'gross_growth_rate', 'net_growth_rate'])) over to_last_year
    from periods
    where period <> 'year'
    window to_last_year as (partition by year order by period)
    qualify period = 'this_year'
),
growth_of_years as (
    select 'yoy' as row_kind, years.year, years.is_running, growth.* exclude (year)
    from years
    left join growth on years.year = growth.year
),
all_rows as (
    select * from averages
    union all by name
    select * from years
    union all by name
    select * from growth_of_years
)
select year, row_kind, is_running, columns(* exclude (year, row_kind, is_running))::double
from all_rows
order by year, row_kind;
