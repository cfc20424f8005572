-- Warning customer_without_mrr: a customer at as_of without recurring value: it counts as a customer with MRR 0.
select
    'customer_without_mrr' as rule,
    'warning' as severity,
    'lead' as record_type,
    lead_id as record_id,
    lead_id,
    'a customer without recurring value: counted with MRR 0' as detail
from staging.current_customers
where annual_cents = 0
order by lead_id;
