-- At most one row: the source report of one source, all time.
select *
from kpi.source_all_time
where source = $source;
