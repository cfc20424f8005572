-- Grain: month, user_id (null: the team). The completed months of the rep report as the insights read them, oldest first.
select
    month,
    user_id,
    rep,
    is_active,
    won_opportunities,
    lost_opportunities,
    close_rate,
    avg_calls,
    calls_per_working_day + emails_per_working_day as contacts_per_working_day,
    avg_deal_arr_cents
from kpi.rep_monthly
where not is_running and user_id is not null
union all
select
    month,
    null as user_id,
    'The team' as rep,
    true as is_active,
    won_opportunities,
    lost_opportunities,
    close_rate,
    avg_calls,
    calls_per_working_day + emails_per_working_day as contacts_per_working_day,
    avg_deal_arr_cents
from kpi.team_monthly
where not is_running
order by month, rep, user_id;
