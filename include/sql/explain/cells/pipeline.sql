-- At most one row: the open opportunities of one pipeline and stage on the day of the last computation.
select pipeline_daily.*
from kpi.pipeline_daily
cross join settings.run
where
    pipeline_daily.day = cast(timezone(run.timezone, run.as_of) as date)
    and pipeline_daily.pipeline = $pipeline
    and pipeline_daily.status = $stage;
