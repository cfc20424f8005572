-- Grain: stream. The loads of whole streams that are under way, with the position in time at which each began: a killed task resumes
-- its load, and follows the changes since then. Columns as in sync.streams.
create table if not exists sync.loads (
    stream varchar not null,
    updated_through timestamptz,
    events_through timestamptz,
    started_at timestamptz not null
);
