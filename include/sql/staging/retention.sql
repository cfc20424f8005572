-- What became of the customers at the end of then_month by the end of now_month: how many they were and with what annual value, how many of
-- them are still customers, with what value, and how much of it they had then. Twelve months apart for each reported month from the
-- thirteenth on; and from a year's opening to its last reported month.
-- Grain: then_month, now_month.
-- Inputs: staging.customer_balances, staging.years.
with
spans as (
    select cast(month - interval 12 month as date) as then_month, month as now_month
    from staging.years
    where month - interval 12 month in (select month from staging.years)
    union
    select cast(min(month) - interval 1 month as date), max(month)
    from staging.years
    group by year
),
customers_then as (
    select spans.then_month, spans.now_month, balances.lead_id, balances.annual_cents
    from spans
    inner join staging.customer_balances as balances
        on spans.then_month >= balances.from_month
        and spans.then_month < coalesce(balances.to_month, date '9999-12-31')
)
select
    customers.then_month,
    customers.now_month,
    count(*) as customers_then,
    count(balances.lead_id) as customers_now,
    sum(customers.annual_cents)::bigint as then_cents,
    coalesce(sum(balances.annual_cents), 0)::bigint as now_cents,
    coalesce(sum(least(coalesce(balances.annual_cents, 0), customers.annual_cents)), 0)::bigint as kept_cents
from customers_then as customers
left join staging.customer_balances as balances
    on customers.lead_id = balances.lead_id
    and customers.now_month >= balances.from_month
    and customers.now_month < coalesce(balances.to_month, date '9999-12-31')
group by customers.then_month, customers.now_month;
