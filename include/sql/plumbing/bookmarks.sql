-- Reading and moving the bookmarks of lake.sync, in the transaction of the rows that they stand for.

-- name: stream
-- At most one row: how far $stream is complete.
select synced_through, updated_through, events_through from lake.sync.streams where stream = $stream;

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
