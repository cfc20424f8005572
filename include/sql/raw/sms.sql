-- Grain: id. Each row is a text message, without its text; none where the settings do not ask for the stream.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.sms (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    direction varchar,
    status varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
