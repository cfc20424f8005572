-- Grain: id. Each row is a type of custom activity.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.custom_activity_types (
    id varchar not null,
    name varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
