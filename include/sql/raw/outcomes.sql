-- Grain: id. Each row is an outcome of calls or meetings.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.outcomes (
    id varchar not null,
    name varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
