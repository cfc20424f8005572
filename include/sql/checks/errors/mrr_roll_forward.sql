-- Error mrr_roll_forward: opening + new + reactivation + expansion - contraction - churn = closing; a month opens with what the month
-- before closed with; the growth report shows the same value; the last month closes with the sum of its customers' values.
with
present as (
    select coalesce(sum(annual_cents), 0) as annual_cents from staging.current_customers
),
months as (
    select
        movements.month,
        movements.is_running,
        opening_arr_cents + new_arr_cents + reactivation_arr_cents + expansion_arr_cents - contraction_arr_cents - churn_arr_cents
            as rolled_forward_cents,
        opening_arr_cents,
        closing_arr_cents,
        lag(closing_arr_cents, 1, opening_arr_cents) over (order by movements.month) as previous_closing_cents,
        growth.arr_cents
    from kpi.mrr_movements_monthly as movements
    left join kpi.growth_monthly as growth on movements.month = growth.month
)
select
    'mrr_roll_forward' as rule,
    'error' as severity,
    'month' as record_type,
    strftime(months.month, '%Y-%m') as record_id,
    null as lead_id,
    format(
        'annual cents: opening {} (the month before closed with {}), rolled forward {}, closing {}, growth report {}, customers now {}',
        months.opening_arr_cents, months.previous_closing_cents, months.rolled_forward_cents, months.closing_arr_cents,
        months.arr_cents, present.annual_cents
    ) as detail
from months
cross join present
where
    months.rolled_forward_cents <> months.closing_arr_cents
    or months.opening_arr_cents <> months.previous_closing_cents
    or months.arr_cents is distinct from months.closing_arr_cents
    or (months.is_running and months.closing_arr_cents <> present.annual_cents)
order by months.month;
