-- The leads whose status changes differ between $from and $to.
insert into memory.incremental.changed_records
select lead_id
from ducklake_table_changes('lake', 'raw', 'lead_status_changes', $from::bigint, $to::bigint);
