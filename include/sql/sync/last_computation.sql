-- At most one row: the snapshot that the last computation of the KPI tables read, and the local date of its as_of.
select snapshot_id, cast(as_of at time zone $zone as date) as as_of_on
from kpi.computations
order by computed_at desc, snapshot_id desc
limit 1;
