-- Grain: id. Each row is a task of a lead (Close: _type lead); date may be a date or a timestamp and is kept as text.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.tasks (
    id varchar not null,
    lead_id varchar,
    assigned_to varchar,
    text varchar,
    date varchar,
    is_complete boolean,
    date_created timestamptz,
    date_updated timestamptz,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
