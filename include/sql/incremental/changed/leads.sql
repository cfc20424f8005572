-- The leads that differ between $from and $to, and those that they were or are merged into.
insert into memory.incremental.changed_records
select unnest([id, _merged_into]) as lead_id
from ducklake_table_changes('lake', 'raw', 'leads', $from::bigint, $to::bigint);
