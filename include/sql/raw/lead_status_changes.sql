-- Grain: id. Each row is a change of a lead's status.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.lead_status_changes (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    old_status_id varchar,
    old_status_label varchar,
    new_status_id varchar,
    new_status_label varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
