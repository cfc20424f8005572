-- Grain: id. Each row is an e-mail, without its text; date_created of a synced mail is the message's own date.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.emails (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    direction varchar,
    status varchar,
    sequence_id varchar,
    bulk_email_action_id varchar,
    date_sent timestamptz,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
