-- What the event log in lake.raw.events says has happened to the objects of a stream.

-- name: object_events
-- One row per object of type $object_type with events read since $after (null: ever): whether the last one deleted it for good, and
-- when that was. A deletion by a merge is none: the object may live on in the other lead.
select
    object_id,
    arg_max(action, (date_updated, id)) = 'deleted' and not bool_or(merge_source_lead_id is not null) as is_deleted,
    max(date_updated) as last_event_at
from lake.raw.events
where
    object_type = $object_type
    and object_id is not null
    and ($after::timestamptz is null or _synced_at > $after)
group by object_id;

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
