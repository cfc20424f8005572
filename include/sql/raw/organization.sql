-- Grain: id. Each row is the organisation the API key belongs to (one row).
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.organization (
    id varchar not null,
    name varchar,
    currency varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
