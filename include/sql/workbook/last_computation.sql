-- At most one row: the instant that the KPI tables hold for.
select as_of
from kpi.computations
order by computed_at desc, snapshot_id desc
limit 1;
