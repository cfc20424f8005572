-- How far $stream is complete; nothing moves back.
merge into sync.streams as stored
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
