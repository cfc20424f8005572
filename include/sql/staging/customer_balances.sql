-- The annual value of a lead at the month ends at which it is a customer: the same from from_month up to the month before to_month, which
-- is null while it lasts.
-- Grain: lead_id, from_month.
-- Inputs: staging.customer_values.
with
moves as (
    select
        lead_id,
        month as from_month,
        lead(month) over (partition by lead_id order by month) as to_month,
        movement,
        closing_annual_cents as annual_cents
    from staging.customer_values
)
select lead_id, from_month, to_month, annual_cents
from moves
where movement <> 'churn';
