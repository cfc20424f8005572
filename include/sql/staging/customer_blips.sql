-- Moves within a month that its two ends do not show. kind joined_and_left: a customer at neither end, but in between; left_and_returned:
-- a customer at both ends, not throughout.
-- Grain: month, lead_id.
-- Inputs: staging.customer_periods, staging.customer_spans.
with
periods as (
    select lead_id, started_at, started_on, ended_on from staging.customer_periods
),
stays_and_gaps as (
    select lead_id, 'joined_and_left' as kind, started_on as began_on, ended_on
    from periods
    union all
    select
        lead_id,
        'left_and_returned' as kind,
        ended_on as began_on,
        lead(started_on) over (partition by lead_id order by started_at) as ended_on
    from periods
),
within_a_month as (
    select distinct lead_id, kind, cast(date_trunc('month', began_on) as date) as month
    from stays_and_gaps
    where date_trunc('month', began_on) = date_trunc('month', ended_on)
),
month_ends as (
    select
        blips.month,
        blips.lead_id,
        blips.kind,
        coalesce(bool_or(spans.first_month < blips.month
            and (spans.churned_month is null or spans.churned_month >= blips.month)), false) as is_customer_at_start,
        coalesce(bool_or(spans.first_month <= blips.month
            and (spans.churned_month is null or spans.churned_month > blips.month)), false) as is_customer_at_end
    from within_a_month as blips
    left join staging.customer_spans as spans on blips.lead_id = spans.lead_id
    group by blips.month, blips.lead_id, blips.kind
)
select month, lead_id, kind
from month_ends
where
    (kind = 'joined_and_left' and not is_customer_at_start and not is_customer_at_end)
    or (kind = 'left_and_returned' and is_customer_at_start and is_customer_at_end);
