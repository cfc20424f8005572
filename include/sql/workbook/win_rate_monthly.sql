-- Grain: month. What the workbook shows of kpi.win_rate_monthly.
select
    month,
    is_running,
    won_opportunities,
    lost_opportunities,
    win_rate,
    created_opportunities,
    created_won_opportunities,
    created_lost_opportunities,
    created_win_rate
from kpi.win_rate_monthly
order by month;
