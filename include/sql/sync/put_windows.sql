-- Windows of $stream have been loaded: from one of $starts on and before the one of $ends at the same place; null is open.
insert into sync.windows (stream, window_start, window_end, loaded_at)
select $stream, unnest($starts::timestamptz[]), unnest($ends::timestamptz[]), $loaded_at;
