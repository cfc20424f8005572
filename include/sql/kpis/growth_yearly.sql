-- Grain: year, row_kind. The rows below the months of each year. year: flows are sums, balances the last month's, rates anew on the
-- year's own opening and flows. average: the mean over the completed months, column by column. yoy: growth against last year on the
-- months that are completed in both years, for rates the difference of the two; empty where last year has none or is 0.
with
months as (
    select year(month)::integer as year, * from kpi.growth_monthly
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
totals as (
    select
        period,
        year,
        bool_or(is_running) as is_running,
        arg_min(opening_customers, month) as opening_customers,
        arg_max(total_customers, month) as total_customers,
        sum(new_trials) as new_trials,
        sum(opened_opportunities) as opened_opportunities,
        sum(new_customers) as new_customers,
        sum(demos_done) as demos_done,
        sum(reactivated_customers) as reactivated_customers,
        sum(churned_customers) as churned_customers,
        sum(joined_and_left) as joined_and_left,
        sum(left_and_returned) as left_and_returned,
        arg_max(arr_cents, month) as arr_cents,
        arg_max(mrr_cents, month) as mrr_cents
    from months_of_periods
    group by period, year
),
rates as (
    select
        totals.*,
        case run.rate_denominator
            when 'closing' then nullif(totals.total_customers, 0)
            else nullif(totals.opening_customers, 0)
        end as denominator
    from totals
    cross join settings.run
),
periods as (
    select
        * exclude (denominator),
        churned_customers / denominator as churn_rate,
        (new_customers + reactivated_customers) / denominator as gross_growth_rate,
        (new_customers + reactivated_customers - churned_customers) / denominator as net_growth_rate
    from rates
),
years as (
    select * exclude (period), 'year' as row_kind from periods where period = 'year'
),
averages as (
    select
        year,
        'average' as row_kind,
        bool_or(is_running) as is_running,
        avg(opening_customers) filter (where not is_running) as opening_customers,
        avg(total_customers) filter (where not is_running) as total_customers,
        avg(new_trials) filter (where not is_running) as new_trials,
        avg(opened_opportunities) filter (where not is_running) as opened_opportunities,
        avg(new_customers) filter (where not is_running) as new_customers,
        avg(demos_done) filter (where not is_running) as demos_done,
        avg(reactivated_customers) filter (where not is_running) as reactivated_customers,
        avg(churned_customers) filter (where not is_running) as churned_customers,
        avg(joined_and_left) filter (where not is_running) as joined_and_left,
        avg(left_and_returned) filter (where not is_running) as left_and_returned,
        avg(arr_cents) filter (where not is_running) as arr_cents,
        avg(mrr_cents) filter (where not is_running) as mrr_cents,
        avg(churn_rate) filter (where not is_running) as churn_rate,
        avg(gross_growth_rate) filter (where not is_running) as gross_growth_rate,
        avg(net_growth_rate) filter (where not is_running) as net_growth_rate
    from months
    group by year
),
growth as (
    select
        years.year,
        'yoy' as row_kind,
        years.is_running,
        this.opening_customers / nullif(last.opening_customers, 0) - 1 as opening_customers,
        this.total_customers / nullif(last.total_customers, 0) - 1 as total_customers,
        this.new_trials / nullif(last.new_trials, 0) - 1 as new_trials,
        this.opened_opportunities / nullif(last.opened_opportunities, 0) - 1 as opened_opportunities,
        this.new_customers / nullif(last.new_customers, 0) - 1 as new_customers,
        this.demos_done / nullif(last.demos_done, 0) - 1 as demos_done,
        this.reactivated_customers / nullif(last.reactivated_customers, 0) - 1 as reactivated_customers,
        this.churned_customers / nullif(last.churned_customers, 0) - 1 as churned_customers,
        this.joined_and_left / nullif(last.joined_and_left, 0) - 1 as joined_and_left,
        this.left_and_returned / nullif(last.left_and_returned, 0) - 1 as left_and_returned,
        this.arr_cents / nullif(last.arr_cents, 0) - 1 as arr_cents,
        this.mrr_cents / nullif(last.mrr_cents, 0) - 1 as mrr_cents,
        this.churn_rate - nullif(last.churn_rate, 0) as churn_rate,
        this.gross_growth_rate - nullif(last.gross_growth_rate, 0) as gross_growth_rate,
        this.net_growth_rate - nullif(last.net_growth_rate, 0) as net_growth_rate
    from years
    left join periods as this on years.year = this.year and this.period = 'this_year'
    left join periods as last on years.year = last.year and last.period = 'last_year'
),
all_rows as (
    select * from years
    union all by name
    select * from averages
    union all by name
    select * from growth
)
select
    year,
    row_kind,
    is_running,
    opening_customers,
    total_customers,
    new_trials,
    opened_opportunities,
    new_customers,
    demos_done,
    reactivated_customers,
    churned_customers,
    joined_and_left,
    left_and_returned,
    arr_cents,
    mrr_cents,
    churn_rate,
    gross_growth_rate,
    net_growth_rate
from all_rows
order by year, row_kind;
