-- The months in which the annual value of a customer moves between month start and month end (as_of in the running month), with both
-- values. movement: new, reactivation, churn; change where it stays a customer. won_in_era: a win since the last churn stands behind the
-- closing value.
-- Grain: lead_id, month.
-- Inputs: settings.run, staging.customer_spans, staging.recurring_wins.
with
present as (
    select cast(timezone(timezone, as_of) as date) as today from settings.run
),
spans as (
    select lead_id, span_number, first_month, churned_month from staging.customer_spans
),
day_values as (
    select lead_id, won_on, running_annual_cents, era
    from staging.recurring_wins
    where lead_id is not null and is_last_of_day
),
starts as (
    select lead_id, span_number, first_month as month, case when span_number = 1 then 'new' else 'reactivation' end as movement
    from spans
),
changes as (
    select distinct spans.lead_id, spans.span_number, cast(date_trunc('month', wins.won_on) as date) as month, 'change' as movement
    from day_values as wins
    inner join spans on wins.lead_id = spans.lead_id
    cross join present
    where
        wins.won_on <= present.today
        and date_trunc('month', wins.won_on) > spans.first_month
        and (spans.churned_month is null or date_trunc('month', wins.won_on) < spans.churned_month)
),
customer_months as (
    select * from starts
    union all
    select * from changes
),
customer_month_ends as (
    select customer_months.*, least(last_day(customer_months.month), present.today) as ends_on
    from customer_months
    cross join present
),
closings as (
    select
        month_ends.lead_id,
        month_ends.month,
        month_ends.movement,
        coalesce(arg_max(day_values.running_annual_cents, day_values.won_on), 0) as closing_annual_cents,
        coalesce(max(day_values.era), -1) >= month_ends.span_number - 1 as won_in_era
    from customer_month_ends as month_ends
    left join day_values
        on month_ends.lead_id = day_values.lead_id and month_ends.ends_on >= day_values.won_on
    group by month_ends.lead_id, month_ends.month, month_ends.movement, month_ends.span_number
    union all
    select lead_id, churned_month, 'churn', 0, false
    from spans
    where churned_month is not null
)
select
    lead_id,
    month,
    movement,
    lag(closing_annual_cents, 1, 0) over (partition by lead_id order by month) as opening_annual_cents,
    closing_annual_cents,
    won_in_era
from closings;
