-- Grain: stream, window. The windows of date_created that have been loaded completely; null is open.
create table if not exists sync.windows (
    stream varchar not null,
    window_start timestamptz,
    window_end timestamptz,
    loaded_at timestamptz not null
);
