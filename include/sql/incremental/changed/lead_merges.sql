-- The leads of the merges that differ: see changes/feed.sql.
insert into memory.incremental.changed_records
select unnest([source_lead_id, destination_lead_id]) as lead_id
from changes_of_lead_merges;
