-- Grain: month. The months of $first_month to $last_month, with their customers and the shares of those at the start that churned and that
-- were gained; empty in a month without customers at its start.
select
    month,
    opening_customers,
    new_customers,
    reactivated_customers,
    churned_customers,
    churned_customers / nullif(opening_customers, 0) as churn_rate,
    (new_customers + reactivated_customers) / nullif(opening_customers, 0) as gross_growth_rate
from kpi.growth_monthly
where month between cast($first_month as date) and cast($last_month as date)
order by month;
