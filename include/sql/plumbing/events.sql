-- What the event log in lake.raw.events says has happened to the objects of a stream.

-- name: object_events
-- One row per object of type $object_type with events read since $after (null: ever): whether the last one deleted it, whether a merge
-- touched it, so that it may live on in the other lead, and when the last one was.
select
    object_id,
    arg_max(action, (date_updated, action = 'deleted', id)) = 'deleted' as is_deleted,
    bool_or(merge_source_lead_id is not null) as is_merged,
    max(date_updated) as last_event_at
from lake.raw.events
where
    object_type = $object_type
    and object_id is not null
    and ($after::timestamptz is null or _synced_at > $after)
group by object_id;

-- name: known
-- Those of the events $ids that have been read, and when Close last changed each.
select id, date_updated from lake.raw.events where id in (select unnest($ids::varchar[]));

-- name: deletions
-- Those of $ids that any event says were deleted, or merged into another lead.
select id
from (select unnest($ids::varchar[]) as id) as asked
where
    id in (select object_id from lake.raw.events where action = 'deleted')
    or id in (select merge_source_lead_id from lake.raw.events);

-- name: merges
-- One row per lead that events read since $after (null: ever) say was merged: the lead that took it over.
select merge_source_lead_id as source_lead_id, arg_max(merge_destination_lead_id, date_updated) as destination_lead_id
from lake.raw.events
where
    merge_source_lead_id is not null
    and merge_destination_lead_id is not null
    and ($after::timestamptz is null or _synced_at > $after)
group by merge_source_lead_id;

-- name: lost_leads
-- The leads that events read since $after (null: ever) say are gone: deleted, or merged into another.
select object_id as lead_id
from lake.raw.events
where object_type = 'lead' and action = 'deleted' and ($after::timestamptz is null or _synced_at > $after)
union
select merge_source_lead_id
from lake.raw.events
where merge_source_lead_id is not null and ($after::timestamptz is null or _synced_at > $after);
