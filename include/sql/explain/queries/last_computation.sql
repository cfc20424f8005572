-- At most one row: what the last computation of the KPI tables read, and by which settings.
select as_of, snapshot_id, settings_hash
from kpi.computations
order by computed_at desc, snapshot_id desc
limit 1;
