-- How far the event log has been read.
insert into sync.event_log (event_id, event_at, read_at, events_through)
values ($event_id, $event_at, $read_at, $events_through);
