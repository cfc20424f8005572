-- At most one row: the position at which the load of $stream that is under way began.
select updated_through, events_through from sync.loads where stream = $stream;
