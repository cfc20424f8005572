-- Error customers_roll_forward: opening + new + reactivated - churned = closing; a month opens with what the month before closed with;
-- and closing is what the leads' own periods as a customer say at the month's end.
with
months as (
    select
        growth.month,
        opening_customers + new_customers + reactivated_customers - churned_customers as rolled_forward,
        total_customers,
        opening_customers,
        lag(total_customers, 1, opening_customers) over (order by growth.month) as previous_total,
        ends_on
    from kpi.growth_monthly as growth
    inner join staging.months as months on growth.month = months.month
),
counted as (
    select months.month, count(distinct periods.lead_id) as customers
    from months
    left join staging.customer_periods as periods
        on periods.started_on <= months.ends_on and (periods.ended_on is null or periods.ended_on > last_day(months.month))
    group by months.month
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
