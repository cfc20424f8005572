-- Grain: one row. What this computation was told: the settings that are single values, resolved to ids.
-- as_of: the instant that the data is complete up to; from_month: the first month that is computed anew.
create table if not exists settings.run (
    as_of timestamptz not null,
    from_month date,
    timezone varchar not null,
    history_start date,
    customer_basis varchar not null,
    rate_denominator varchar not null,
    demo_rule varchar not null,
    demo_title_pattern varchar not null,
    demo_text_pattern varchar not null,
    count_automated_emails boolean not null,
    source_field_id varchar,
    owner_field_id varchar,
    currency varchar not null,
    unknown_source_share_limit double not null
);
