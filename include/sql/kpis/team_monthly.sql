-- The team total below the rep report, over the same records (not an average of rows); a row for every month.
-- Grain: month. Inputs: staging.rep_totals, staging.months.
select
    months.month,
    months.is_running,
    coalesce(totals.new_demos, 0) as new_demos,
    coalesce(totals.won_opportunities, 0) as won_opportunities,
    coalesce(totals.lost_opportunities, 0) as lost_opportunities,
    coalesce(totals.cancelled_leads, 0) as cancelled_leads,
    coalesce(totals.arr_added_cents, 0) as arr_added_cents,
    coalesce(totals.one_time_won_cents, 0) as one_time_won_cents,
    totals.close_rate,
    totals.close_rate_low,
    totals.close_rate_high,
    totals.avg_days_to_close,
    totals.median_days_to_close,
    totals.avg_calls,
    totals.avg_emails,
    coalesce(totals.calls, 0) as calls,
    coalesce(totals.emails, 0) as emails,
    coalesce(totals.calls, 0) / nullif(months.working_days, 0) as calls_per_working_day,
    coalesce(totals.emails, 0) / nullif(months.working_days, 0) as emails_per_working_day,
    totals.avg_deal_arr_cents
from staging.months as months
left join staging.rep_totals as totals on months.month = totals.month and totals.is_team
order by months.month;
