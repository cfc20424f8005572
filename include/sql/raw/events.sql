-- Grain: id. Each row is an entry of Close's event log (kept by Close for 30 days); consolidated entries move their date_updated.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.events (
    id varchar not null,
    object_type varchar,
    action varchar,
    object_id varchar,
    lead_id varchar,
    user_id varchar,
    changed_fields json,
    merge_source_lead_id varchar,
    merge_destination_lead_id varchar,
    date_created timestamptz,
    date_updated timestamptz,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
