-- The customers at as_of with their running annual value. is_restored: reactivated without a deal since the churn, so that the value
-- before it was restored.
-- Grain: lead_id.
-- Inputs: staging.customer_spans, staging.customer_values.
with
last_values as (
    select
        lead_id,
        arg_max(closing_annual_cents, month) as annual_cents,
        arg_max(won_in_era, month) as won_in_era
    from staging.customer_values
    group by lead_id
)
select
    spans.lead_id,
    spans.span_number,
    spans.first_month as customer_since_month,
    last_values.annual_cents,
    spans.span_number > 1 and not last_values.won_in_era as is_restored
from staging.customer_spans as spans
inner join last_values on spans.lead_id = last_values.lead_id
where spans.churned_month is null;
