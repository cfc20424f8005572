-- Grain: source. What the workbook shows of kpi.source_all_time.
select
    source,
    total_leads,
    won_opportunities,
    lost_opportunities,
    win_rate,
    lead_conversion,
    avg_days_to_close,
    median_days_to_close,
    avg_arr_per_won_account_cents,
    total_arr_cents,
    current_arr_cents
from kpi.source_all_time
order by source;
