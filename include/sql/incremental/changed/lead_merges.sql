-- The leads of the merges that differ between $from and $to.
insert into memory.incremental.changed_records
select unnest([source_lead_id, destination_lead_id]) as lead_id
from ducklake_table_changes('lake', 'raw', 'lead_merges', $from::bigint, $to::bigint);
