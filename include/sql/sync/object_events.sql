-- One row per object of type $object_type with events read since $after (null: ever): whether the last one deleted it for good, and
-- when that was. A deletion by a merge is none: the object may live on in the other lead.
select
    object_id,
    arg_max(action, (date_updated, id)) = 'deleted' and not bool_or(merge_source_lead_id is not null) as is_deleted,
    max(date_updated) as last_event_at
from raw.events
where
    object_type = $object_type
    and object_id is not null
    and ($after::timestamptz is null or _synced_at > $after)
group by object_id;
