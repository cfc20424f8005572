-- Grain: insight, user_id. What the workbook shows of kpi.insights.
select
    insight,
    user_id,
    n,
    estimate,
    low,
    high,
    sentence
from kpi.insights
order by insight, user_id nulls first;
