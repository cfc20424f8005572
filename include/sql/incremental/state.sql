-- One row: what the tables of the schema incremental were computed from, and the account's first record.
select computation_id, snapshot_id, settings_hash, models_hash, as_of, first_record_at from incremental.state;
