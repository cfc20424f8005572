-- Grain: month. What the workbook shows of kpi.growth_monthly.
select
    month,
    is_running,
    opening_customers,
    total_customers,
    new_trials,
    opened_opportunities,
    new_customers,
    demos_done,
    reactivated_customers,
    churned_customers,
    joined_and_left,
    left_and_returned,
    arr_cents,
    mrr_cents,
    churn_rate,
    gross_growth_rate,
    net_growth_rate
from kpi.growth_monthly
order by month;
