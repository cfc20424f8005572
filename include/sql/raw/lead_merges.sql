-- Grain: id. Each row is a merge of one lead (source) into another (destination).
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.lead_merges (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    source_lead_id varchar,
    destination_lead_id varchar,
    merge_status varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
