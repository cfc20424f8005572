-- The customers by the month at whose end they were customers for the first time: how many they were and with what annual value, and how
-- many still were, with what value, age_months later. Later months that are not completed are left out.
-- Grain: cohort_month, age_months.
-- Inputs: staging.customer_balances, staging.months.
with
ages as (
    select unnest([1, 2, 3, 6, 12, 24]) as age_months
),
spans as (
    select cohorts.month as cohort_month, ages.age_months, later.month
    from staging.months as cohorts
    cross join ages
    inner join staging.months as later
        on later.month = cohorts.month + to_months(ages.age_months) and not later.is_running
),
customers as (
    select lead_id, min(from_month) as cohort_month, arg_min(annual_cents, from_month) as annual_cents
    from staging.customer_balances
    group by lead_id
)
select
    spans.cohort_month,
    spans.age_months,
    count(*) as cohort_customers,
    count(balances.lead_id) as customers_kept,
    count(balances.lead_id) / count(*) as customer_retention,
    sum(customers.annual_cents)::bigint as cohort_arr_cents,
    coalesce(sum(balances.annual_cents), 0)::bigint as arr_kept_cents,
    coalesce(sum(balances.annual_cents), 0) / nullif(sum(customers.annual_cents), 0) as net_revenue_retention
from spans
inner join customers on spans.cohort_month = customers.cohort_month
left join staging.customer_balances as balances
    on customers.lead_id = balances.lead_id
    and spans.month >= balances.from_month
    and spans.month < coalesce(balances.to_month, date '9999-12-31')
group by spans.cohort_month, spans.age_months
order by spans.cohort_month, spans.age_months;
