-- Grain: id. Each row is a member of the organisation, past or present.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.users (
    id varchar not null,
    email varchar,
    first_name varchar,
    last_name varchar,
    is_active boolean not null,
    date_created timestamptz,
    date_updated timestamptz,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
