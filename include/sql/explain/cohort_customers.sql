-- Grain: lead_id. The customers whose first month end as a customer was that of $month, with their annual value then, and what became of it
-- $age months later.
with
cohort as (
    select lead_id, min(from_month) as cohort_month, arg_min(annual_cents, from_month) as annual_cents
    from staging.customer_balances
    group by lead_id
)
select
    leads.display_name as lead,
    cohort.lead_id,
    cohort.annual_cents as then_annual_cents,
    coalesce(balances.annual_cents, 0) as now_annual_cents,
    (balances.lead_id is not null)::integer as is_customer_now
from cohort
left join staging.customer_balances as balances
    on cohort.lead_id = balances.lead_id
    and cast($month as date) + to_months($age) >= balances.from_month
    and cast($month as date) + to_months($age) < coalesce(balances.to_month, date '9999-12-31')
left join staging.leads as leads on cohort.lead_id = leads.lead_id
where cohort.cohort_month = cast($month as date)
order by lead, cohort.lead_id;
