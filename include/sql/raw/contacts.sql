-- Grain: id. Each row is a contact, a person at a lead: how many e-mail addresses and telephone numbers Close has of them, and what
-- contact_fields in kpis.yaml names: name, title, and in further_fields the others, each as Close's API has it.
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.contacts (
    id varchar not null,
    lead_id varchar,
    name varchar,
    title varchar,
    emails bigint,
    phones bigint,
    further_fields json,
    date_created timestamptz,
    date_updated timestamptz,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
