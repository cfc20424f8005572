-- Grain: lead_id. The customers at an instant, with the annual value that they had then. $instant: opening (the start of $first_month),
-- closing (the end of $last_month, as_of in the running month) or rates (whichever of the two the settings let rates divide by).
with
month_ends as (
    select
        case
            when $instant = 'opening' or ($instant = 'rates' and rate_denominator = 'opening')
                then cast(cast($first_month as date) - interval 1 month as date)
            else cast($last_month as date)
        end as month
    from settings.run
),
values_then as (
    select movements.lead_id, arg_max(movements.closing_annual_cents, movements.month) as annual_cents
    from staging.customer_values as movements
    inner join month_ends on movements.month <= month_ends.month
    group by movements.lead_id
)
select
    spans.first_month as customer_since,
    leads.display_name as lead,
    spans.lead_id,
    coalesce(values_then.annual_cents, 0) as annual_cents
from staging.customer_spans as spans
inner join month_ends
    on spans.first_month <= month_ends.month and (spans.churned_month is null or spans.churned_month > month_ends.month)
left join values_then on spans.lead_id = values_then.lead_id
left join staging.leads as leads on spans.lead_id = leads.lead_id
order by lead, spans.lead_id;
