-- The windows of $stream are to be loaded again.
delete from sync.windows where stream = $stream;
