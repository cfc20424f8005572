-- Reading and moving the bookmarks of lake.sync, in the transaction of the rows that they stand for.

-- name: stream
-- At most one row: how far $stream is complete.
select updated_through, events_through from lake.sync.streams where stream = $stream;

-- name: put_stream
-- How far $stream is complete; nothing moves back.
merge into lake.sync.streams as stored
using (
    select
        $stream as stream,
        $synced_through::timestamptz as synced_through,
        $updated_through::timestamptz as updated_through,
        $events_through::timestamptz as events_through
) as reached
on stored.stream = reached.stream
when matched then update set
    synced_through = greatest(stored.synced_through, reached.synced_through),
    updated_through = greatest(stored.updated_through, reached.updated_through),
    events_through = greatest(stored.events_through, reached.events_through)
when not matched then insert by name;

-- name: load
-- At most one row: the load of $stream that is under way: the position and the as_of at which it began.
select updated_through, events_through, started_at from lake.sync.loads where stream = $stream;

-- name: begin_load
-- Begins a load of $stream.
insert into lake.sync.loads (stream, updated_through, events_through, started_at)
values ($stream, $updated_through, $events_through, $started_at);

-- name: end_load
-- Ends the load of $stream.
delete from lake.sync.loads where stream = $stream;

-- name: windows
-- The windows of $stream that have been loaded.
select window_start, window_end from lake.sync.windows where stream = $stream;

-- name: put_windows
-- Windows of $stream have been loaded: from one of $starts on and before the one of $ends at the same place; null is open.
insert into lake.sync.windows (stream, window_start, window_end, loaded_at)
select $stream, unnest($starts::timestamptz[]), unnest($ends::timestamptz[]), $loaded_at;

-- name: forget_windows
-- The windows of $stream are to be loaded again.
delete from lake.sync.windows where stream = $stream;

-- name: event_log
-- At most one row: how far the event log has been read.
select event_id, event_at, read_at, events_through from lake.sync.event_log;

-- name: put_event_log
-- How far the event log has been read.
insert into lake.sync.event_log (event_id, event_at, read_at, events_through)
values ($event_id, $event_at, $read_at, $events_through);

-- name: forget_event_log
-- Makes room for the new position in the event log.
delete from lake.sync.event_log;

-- name: put_missing
-- A comparison of $stream did not find $ids in Close.
insert into lake.sync.missing (stream, id)
select $stream, unnest($ids::varchar[]);

-- name: forget_missing
-- A comparison of $stream begins, or has ended.
delete from lake.sync.missing where stream = $stream;

-- name: reader
-- At most one row: whose key read Close last.
select user_id, role_id from lake.sync.reader;

-- name: put_reader
-- Whose key reads Close now.
delete from lake.sync.reader;
insert into lake.sync.reader (user_id, role_id, read_at) values ($user_id, $role_id, $read_at);

-- name: reconciled
-- At most one row: where the next comparison of $stream begins.
select through from lake.sync.reconciled where stream = $stream;

-- name: to_reconcile
-- Those of $streams that no load is under way of, those first that were not compared for longest, then the small ones.
select asked.stream
from (select unnest($streams::varchar[]) as stream, unnest($rows::bigint[]) as rows) as asked
semi join lake.sync.streams as followed on asked.stream = followed.stream
anti join lake.sync.loads as loads on asked.stream = loads.stream
left join lake.sync.reconciled as reconciled on asked.stream = reconciled.stream
order by reconciled.compared_at nulls first, asked.rows, asked.stream;

-- name: put_reconciled
-- $stream was compared up to $through, null for its end, by the comparison that began at $compared_at.
merge into lake.sync.reconciled as stored
using (
    select $stream as stream, $through::timestamptz as through, $compared_at::timestamptz as compared_at
) as compared
on stored.stream = compared.stream
when matched then update set through = compared.through, compared_at = compared.compared_at
when not matched then insert by name;

-- name: contact_fields
-- At most one row: what has been read of contacts up to now.
select fields from lake.sync.contact_fields;

-- name: put_contact_fields
-- $fields are read of contacts from now on.
delete from lake.sync.contact_fields;
insert into lake.sync.contact_fields (fields) values ($fields);

-- name: forget_contact_fields
-- Empties what is no longer read of contacts, also of those that were deleted. A lake of an earlier version lacks the column.
alter table lake.raw.contacts add column if not exists further_fields json;
update lake.raw.contacts
set
    name = case when list_contains(asked.fields, 'name') then name end,
    title = case when list_contains(asked.fields, 'title') then title end,
    further_fields = null
from lake.sync.contact_fields as asked;

-- name: behind
-- The streams among $streams that are not read up to the newest reading of the event log, or are being loaded.
select streams.stream
from (select unnest($streams::varchar[]) as stream) as streams
left join lake.sync.streams as reached on streams.stream = reached.stream
left join lake.sync.loads as loads on streams.stream = loads.stream
where
    loads.stream is not null
    or reached.events_through is distinct from (select events_through from lake.sync.event_log);

-- name: put_complete
-- The state that this transaction reads is complete, as far as $streams are concerned.
insert into lake.sync.complete (snapshot_id, as_of, recorded_at)
select (select max(snapshot_id) from ducklake_snapshots('lake')), min(synced_through), $recorded_at
from lake.sync.streams
where list_contains($streams::varchar[], stream);

-- name: complete
-- At most one row: the newest snapshot that numbers may be computed from, and the instant that it is read up to. A lake in which none is
-- recorded was filled by an earlier version: its newest one counts, if every stream in it is read up to the same instant.
with
recorded as (
    select snapshot_id, as_of from lake.sync.complete order by snapshot_id desc limit 1
),
unrecorded as (
    select (select max(snapshot_id) from ducklake_snapshots('lake')) as snapshot_id, min(synced_through) as as_of
    from lake.sync.streams
    having
        min(synced_through) = max(synced_through)
        and not exists (from recorded)
        and not exists (from lake.sync.loads)
)
from recorded
union all
from unrecorded;
