-- Grain: month. What the workbook shows of kpi.mrr_movements_monthly.
select
    month,
    is_running,
    opening_arr_cents,
    new_arr_cents,
    reactivation_arr_cents,
    expansion_arr_cents,
    contraction_arr_cents,
    churn_arr_cents,
    closing_arr_cents,
    net_revenue_retention,
    gross_revenue_retention,
    quick_ratio
from kpi.mrr_movements_monthly
order by month;
