-- The rep report: what each user did, won and lost in each month that has any fact of theirs.
-- Grain: month, user_id (null: Unassigned). Inputs: staging.rep_totals, staging.users.
select
    totals.month,
    totals.is_running,
    totals.user_id,
    case when totals.user_id is null then 'Unassigned' else coalesce(users.rep, totals.user_id) end as rep,
    case when totals.user_id is not null then coalesce(users.is_active, false) end as is_active,
    totals.new_demos,
    totals.won_opportunities,
    totals.lost_opportunities,
    totals.cancelled_leads,
    totals.arr_added_cents,
    totals.one_time_won_cents,
    totals.close_rate,
    totals.close_rate_low,
    totals.close_rate_high,
    totals.avg_days_to_close,
    totals.median_days_to_close,
    totals.avg_calls,
    totals.avg_emails,
    totals.calls,
    totals.emails,
    totals.calls_per_working_day,
    totals.emails_per_working_day,
    totals.avg_deal_arr_cents
from staging.rep_totals as totals
left join staging.users as users on totals.user_id = users.user_id
where not totals.is_team
order by totals.month, rep, totals.user_id;
