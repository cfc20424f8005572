-- The merges that were under way when last seen.
select id
from raw.lead_merges
where _deleted_at is null and merge_status in ('pending', 'in_progress');
