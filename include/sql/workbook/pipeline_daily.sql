-- Grain: day, pipeline, status. What the workbook shows of kpi.pipeline_daily.
select
    day,
    pipeline,
    status,
    opportunities,
    arr_cents,
    one_time_cents,
    weighted_arr_cents,
    avg_age_days
from kpi.pipeline_daily
order by day, pipeline, status;
