-- The leads whose status changes differ: see changes/feed.sql.
insert into memory.incremental.changed_records
select lead_id
from changes_of_lead_status_changes;
