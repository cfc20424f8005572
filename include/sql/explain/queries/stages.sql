-- Grain: pipeline, status. The pipelines and stages of the pipeline report on the day of the last computation.
select pipeline_daily.pipeline, pipeline_daily.status
from kpi.pipeline_daily
cross join settings.run
where pipeline_daily.day = cast(timezone(run.timezone, run.as_of) as date)
order by pipeline_daily.pipeline, pipeline_daily.status;
