-- Grain: id. Each row is a meeting; status is null where it was entered by hand; date_created may lie in the future.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.meetings (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    title varchar,
    status varchar,
    starts_at timestamptz,
    ends_at timestamptz,
    outcome_id varchar,
    source varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
