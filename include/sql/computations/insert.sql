-- One row; parameters by name.
insert into kpi.computations (computed_at, as_of, snapshot_id, settings_hash, models_hash, from_month, run_id)
values ($computed_at, $as_of, $snapshot_id, $settings_hash, $models_hash, $from_month, $run_id);
