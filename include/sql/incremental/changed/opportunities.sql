-- The leads whose opportunities differ between $from and $to.
insert into memory.incremental.changed_records
select lead_id
from ducklake_table_changes('lake', 'raw', 'opportunities', $from::bigint, $to::bigint);
