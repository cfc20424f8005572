-- One row: whether the candidate was computed by other settings, and by other SQL models, than what readers see.
with
last_released as (
    select settings_hash, models_hash
    from kpi.computations
    order by computed_at desc, snapshot_id desc
    limit 1
)
select
    candidate.settings_hash is distinct from last_released.settings_hash as settings_have_changed,
    candidate.models_hash is distinct from last_released.models_hash as models_have_changed
from candidate.computation as candidate
left join last_released on true;
