-- Grain: id. Each row is a call; duration in seconds.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.calls (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    direction varchar,
    status varchar,
    disposition varchar,
    duration integer,
    outcome_id varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
