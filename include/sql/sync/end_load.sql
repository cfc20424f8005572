-- Ends the load of $stream.
delete from sync.loads where stream = $stream;
