-- At most one row: the source report of one source and the leads created in $month.
select *
from kpi.source_monthly
where cohort_month = cast($month as date) and source = $source;
