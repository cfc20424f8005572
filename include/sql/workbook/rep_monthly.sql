-- Grain: month, user_id. What the workbook shows of kpi.rep_monthly.
select
    month,
    is_running,
    user_id,
    rep,
    is_active,
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
from kpi.rep_monthly
order by month, rep, user_id;
