-- One row: the computation that the tables of the schema candidate come from. Columns as in kpi.computations; parameters by name.
create or replace table candidate.computation as
select
    cast($computation_id as varchar) as computation_id,
    cast($computed_at as timestamptz) as computed_at,
    cast($as_of as timestamptz) as as_of,
    cast($snapshot_id as bigint) as snapshot_id,
    cast($settings_hash as varchar) as settings_hash,
    cast($models_hash as varchar) as models_hash,
    cast($from_month as date) as from_month,
    cast($run_id as varchar) as run_id,
    cast($settings as json) as settings;
