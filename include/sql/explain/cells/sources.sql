-- At most one row: the source report's total row.
select *
from kpi.source_total;
