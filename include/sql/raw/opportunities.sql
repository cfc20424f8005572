-- Grain: id. Each row is an opportunity; value in cents of the organisation's currency; date_won is the expected close date unless
-- status_type is won. _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.opportunities (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    pipeline_id varchar,
    status_id varchar,
    status_label varchar,
    status_type varchar,
    value bigint,
    value_period varchar,
    confidence integer,
    date_won date,
    date_lost timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
