-- The leads that differ (see changes/feed.sql), and those that they were or are merged into.
insert into memory.incremental.changed_records
select unnest([id, _merged_into]) as lead_id
from changes_of_leads;
