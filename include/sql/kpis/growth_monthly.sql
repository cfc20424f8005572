-- The growth report: customers at month start and end and the moves between them, trials, opportunities opened, demos, recurring revenue
-- and growth rates.
-- Grain: month.
-- Inputs: settings.run, staging.customer_blips, staging.customer_spans, staging.demos, staging.months, staging.opportunities,
-- staging.trials, kpi.mrr_movements_monthly.
with
customer_moves as (
    select first_month as month, span_number = 1 as is_new, span_number > 1 as is_reactivated, false as is_churned
    from staging.customer_spans
    union all
    select churned_month, false, false, true
    from staging.customer_spans
    where churned_month is not null
),
moves as (
    select
        month,
        count(*) filter (where is_new) as new_customers,
        count(*) filter (where is_reactivated) as reactivated_customers,
        count(*) filter (where is_churned) as churned_customers
    from customer_moves
    group by month
),
all_months as (
    select month from staging.months
    union
    select month from moves
),
closings as (
    select
        all_months.month,
        coalesce(moves.new_customers, 0) as new_customers,
        coalesce(moves.reactivated_customers, 0) as reactivated_customers,
        coalesce(moves.churned_customers, 0) as churned_customers,
        cast(sum(coalesce(moves.new_customers + moves.reactivated_customers - moves.churned_customers, 0))
            over (order by all_months.month) as bigint) as closing_customers
    from all_months
    left join moves on all_months.month = moves.month
),
customers as (
    select *, lag(closing_customers, 1, 0) over (order by month) as opening_customers
    from closings
),
blips as (
    select
        month,
        count(*) filter (where kind = 'joined_and_left') as joined_and_left,
        count(*) filter (where kind = 'left_and_returned') as left_and_returned
    from staging.customer_blips
    group by month
),
trials as (
    select date_trunc('month', trial_on) as month, count(*) as new_trials
    from staging.trials
    group by date_trunc('month', trial_on)
),
opportunities as (
    select date_trunc('month', created_on) as month, count(*) as opened_opportunities
    from staging.opportunities
    where not is_imported
    group by date_trunc('month', created_on)
),
demos as (
    select date_trunc('month', demo_on) as month, count(*) as demos_done
    from staging.demos
    group by date_trunc('month', demo_on)
),
counts as (
    select
        months.month,
        months.is_running,
        customers.opening_customers,
        customers.closing_customers as total_customers,
        coalesce(trials.new_trials, 0) as new_trials,
        coalesce(opportunities.opened_opportunities, 0) as opened_opportunities,
        customers.new_customers,
        coalesce(demos.demos_done, 0) as demos_done,
        customers.reactivated_customers,
        customers.churned_customers,
        coalesce(blips.joined_and_left, 0) as joined_and_left,
        coalesce(blips.left_and_returned, 0) as left_and_returned,
        revenue.closing_arr_cents as arr_cents,
        revenue.closing_arr_cents / 12 as mrr_cents,
        case run.rate_denominator
            when 'closing' then nullif(customers.closing_customers, 0)
            else nullif(customers.opening_customers, 0)
        end as denominator
    from staging.months as months
    cross join settings.run
    inner join customers on months.month = customers.month
    inner join kpi.mrr_movements_monthly as revenue on months.month = revenue.month
    left join blips on months.month = blips.month
    left join trials on months.month = trials.month
    left join opportunities on months.month = opportunities.month
    left join demos on months.month = demos.month
)
select
    * exclude (denominator),
    churned_customers / denominator as churn_rate,
    (new_customers + reactivated_customers) / denominator as gross_growth_rate,
    (new_customers + reactivated_customers - churned_customers) / denominator as net_growth_rate
from counts
order by month;
