-- The windows of $stream that have been loaded.
select window_start, window_end from sync.windows where stream = $stream;
