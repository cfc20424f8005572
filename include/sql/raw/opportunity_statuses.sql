-- Grain: id. Each row is a status (stage) of a pipeline; type is active, won or lost.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.opportunity_statuses (
    id varchar not null,
    label varchar,
    type varchar,
    pipeline_id varchar,
    position integer,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
