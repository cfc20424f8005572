-- Grain: lead_id. The customers at the end of $then_month, with their annual value then, and what became of it by the end of $last_month:
-- now, and at most what it was. None where that is no year's opening ($year) and lies before the first month.
select
    leads.display_name as lead,
    customers.lead_id,
    customers.annual_cents as then_annual_cents,
    coalesce(balances.annual_cents, 0) as now_annual_cents,
    least(coalesce(balances.annual_cents, 0), customers.annual_cents) as kept_annual_cents,
    (balances.lead_id is not null)::integer as is_customer_now
from staging.customer_balances as customers
left join staging.customer_balances as balances
    on customers.lead_id = balances.lead_id
    and cast($last_month as date) >= balances.from_month
    and cast($last_month as date) < coalesce(balances.to_month, date '9999-12-31')
left join staging.leads as leads on customers.lead_id = leads.lead_id
where
    ($year is not null or cast($then_month as date) in (select month from staging.months))
    and cast($then_month as date) >= customers.from_month
    and cast($then_month as date) < coalesce(customers.to_month, date '9999-12-31')
order by lead, customers.lead_id;
