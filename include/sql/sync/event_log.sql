-- At most one row: how far the event log has been read.
select event_id, event_at, read_at, events_through from sync.event_log;
