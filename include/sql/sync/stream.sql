-- At most one row: how far $stream is complete.
select synced_through, updated_through, events_through from sync.streams where stream = $stream;
