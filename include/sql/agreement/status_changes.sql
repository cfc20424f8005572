-- Grain: id. The lead status changes that were created from $start to before $end, as the last computation saw them.
select id, lead_id
from memory.raw.lead_status_changes
where _deleted_at is null and date_created >= $start and date_created < $end;
