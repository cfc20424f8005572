-- At most one row: the load of $stream that is under way: the position and the as_of at which it began.
select updated_through, events_through, started_at from sync.loads where stream = $stream;
