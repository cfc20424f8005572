-- Grain: a record; lead_id: of which lead. The records that have changed since the models were kept; the files in changed/ fill it.
create or replace table memory.incremental.changed_records (lead_id varchar);
