-- At most one row: the last computation, with the local month of its as_of.
select
    computations.computation_id,
    computations.from_month,
    computations.snapshot_id,
    computations.settings_hash,
    computations.models_hash,
    computations.as_of,
    cast(date_trunc('month', timezone($timezone, computations.as_of)) as date) as month_of_as_of
from kpi.computations as computations
order by computations.computed_at desc, computations.snapshot_id desc
limit 1;
