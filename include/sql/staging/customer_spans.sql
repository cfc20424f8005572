-- Unbroken runs of month ends at which a lead is a customer (as_of ends the running month): from first_month up to the month before
-- churned_month, which is null while it lasts. Span 1 begins with a new customer, a later one with a reactivated customer. left_on: the
-- day the customer role was last left in the month of the churn.
-- Grain: lead_id, span_number.
-- Inputs: staging.customer_periods.
with
periods as (
    select
        lead_id,
        started_at,
        cast(date_trunc('month', started_on) as date) as started_month,
        cast(date_trunc('month', ended_on) as date) as ended_month,
        ended_on
    from staging.customer_periods
),
periods_with_last_day as (
    select
        *,
        max(ended_on) over (partition by lead_id, ended_month) as last_left_on
    from periods
),
periods_over_a_month_end as (
    select
        *,
        lag(ended_month) over (partition by lead_id order by started_at) as previous_ended_month
    from periods_with_last_day
    where ended_month is null or ended_month > started_month
),
numbered_periods as (
    select
        *,
        count(*) filter (where previous_ended_month is null or started_month > previous_ended_month) over (
            partition by lead_id order by started_at rows between unbounded preceding and current row
        ) as span_number
    from periods_over_a_month_end
)
select
    lead_id,
    span_number,
    min(started_month) as first_month,
    arg_max_null(ended_month, started_at) as churned_month,
    arg_max_null(case when ended_month is not null then last_left_on end, started_at) as left_on
from numbered_periods
group by lead_id, span_number;
