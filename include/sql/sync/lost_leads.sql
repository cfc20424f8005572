-- The leads that events read since $after (null: ever) say are gone: deleted, or merged into another.
select object_id as lead_id
from raw.events
where object_type = 'lead' and action = 'deleted' and ($after::timestamptz is null or _synced_at > $after)
union
select merge_source_lead_id
from raw.events
where merge_source_lead_id is not null and ($after::timestamptz is null or _synced_at > $after);
