-- Warning reactivated_without_deal: a customer that came back after a churn without a win since the day it left: the value before the
-- churn was restored.
select
    'reactivated_without_deal' as rule,
    'warning' as severity,
    'lead' as record_type,
    lead_id as record_id,
    lead_id,
    format(
        'a customer again since {}, without a win since it left: its value before the churn counts', strftime(customer_since_month, '%Y-%m')
    ) as detail
from staging.current_customers
where is_restored
order by lead_id;
