-- Error customers_roll_forward: opening + new + reactivated - churned = closing; a month opens with what the month before closed with;
-- and closing is what the leads' own periods as a customer say at the month's end.
with
months as (
    select
        growth.month,
        opening_customers + new_customers + reactivated_customers - churned_customers as rolled_forward,
        total_customers,
        opening_customers,
        lag(total_customers, 1, opening_customers) over (order by growth.month) as previous_total
    from kpi.growth_monthly as growth
),
comings_and_goings as (
    select cast(date_trunc('month', started_on) as date) as month, 1 as customers from staging.customer_periods
    union all
    select cast(date_trunc('month', ended_on) as date), -1 from staging.customer_periods where ended_on is not null
    union all
    select month, 0 from months
),
counted as (
    select month, sum(sum(customers)) over (order by month) as customers
    from comings_and_goings
    group by month
)
select
    'customers_roll_forward' as rule,
    'error' as severity,
    'month' as record_type,
    strftime(months.month, '%Y-%m') as record_id,
    null as lead_id,
    format(
        'opening {} (the month before closed with {}) and the moves give {}, the month closes with {}, {} leads are customers at its end',
        months.opening_customers, months.previous_total, months.rolled_forward, months.total_customers, counted.customers
    ) as detail
from months
inner join counted on months.month = counted.month
where
    months.rolled_forward <> months.total_customers
    or months.opening_customers <> months.previous_total
    or counted.customers <> months.total_customers
order by months.month;
