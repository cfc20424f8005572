-- Grain: id. Each row is an opportunity pipeline, in the organisation's order.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.pipelines (
    id varchar not null,
    name varchar,
    position integer,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
