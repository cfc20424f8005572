-- Begins a load of $stream.
insert into sync.loads (stream, updated_through, events_through, started_at)
values ($stream, $updated_through, $events_through, $started_at);
