-- One row: the account's first record, as it was. No record of its month or an earlier one has changed since.
create table memory.staging.first_record as select first_record_at as first_at from lake.incremental.state;
