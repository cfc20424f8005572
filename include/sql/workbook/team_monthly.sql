-- Grain: month. What the workbook shows of kpi.team_monthly.
select
    month,
    is_running,
    new_demos,
    won_opportunities,
    lost_opportunities,
    cancelled_leads,
    arr_added_cents,
    one_time_won_cents,
    close_rate,
    close_rate_low,
    close_rate_high,
    avg_days_to_close,
    median_days_to_close,
    avg_calls,
    avg_emails,
    calls,
    emails,
    calls_per_working_day,
    emails_per_working_day,
    avg_deal_arr_cents
from kpi.team_monthly
order by month;
