-- One row: the computation that the KPI tables hold.
select computation_id
from kpi.computations
order by computed_at desc, snapshot_id desc
limit 1;
