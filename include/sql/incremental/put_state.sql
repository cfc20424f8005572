-- One row: what the tables of the schema incremental were computed from, and the account's first record.
create or replace table incremental.state as
select
    cast($computation_id as varchar) as computation_id,
    cast($snapshot_id as bigint) as snapshot_id,
    cast($settings_hash as varchar) as settings_hash,
    cast($models_hash as varchar) as models_hash,
    cast($as_of as timestamptz) as as_of,
    first_record.first_at as first_record_at
from memory.staging.first_record;
