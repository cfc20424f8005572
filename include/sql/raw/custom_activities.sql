-- Grain: id. Each row is an instance of a custom activity type; status is draft or published.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.custom_activities (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    custom_activity_type_id varchar,
    status varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
