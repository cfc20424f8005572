-- Grain: id. Each row is a custom field; object_type is lead, contact, opportunity, activity or shared.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.custom_fields (
    id varchar not null,
    name varchar,
    object_type varchar,
    type varchar,
    accepts_multiple_values boolean,
    is_shared boolean,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
