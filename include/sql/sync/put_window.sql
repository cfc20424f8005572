-- A window of $stream has been loaded.
insert into sync.windows (stream, window_start, window_end, rows, loaded_at)
values ($stream, $window_start, $window_end, $rows, $loaded_at);
