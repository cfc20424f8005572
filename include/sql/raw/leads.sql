-- Grain: id. Each row is a lead (company) of the account; `custom` maps custom field ids to values, an unset field is absent. _synced_at:
-- when this version of the row was read; _deleted_at: when its deletion in Close was noticed; _merged_into: the lead that took this one
-- over.
create table if not exists raw.leads (
    id varchar not null,
    display_name varchar,
    status_id varchar,
    status_label varchar,
    html_url varchar,
    custom json,
    date_created timestamptz,
    date_updated timestamptz,
    _synced_at timestamptz not null,
    _deleted_at timestamptz,
    _merged_into varchar
);
