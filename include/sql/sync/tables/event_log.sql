-- One row: how far Close's event log has been read: the newest entry (event_id, event_at, by Close's clock), when (read_at, the as_of of
-- the sync), and the newest _synced_at in raw.events (events_through).
create table if not exists sync.event_log (
    event_id varchar,
    event_at timestamptz,
    read_at timestamptz not null,
    events_through timestamptz not null
);
