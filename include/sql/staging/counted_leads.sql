-- The leads that count: neither deleted nor merged away. created_at, updated_at: empty where they are not believed. is_imported: brought
-- over from another system on an import day, or without a creation date. source_group: what all leads of one source share; empty where the
-- configured custom field, or the first value of a multi-value field, is unset. source_spelling: its value without surplus white space;
-- source_alias: the name that the settings merge it under. owner: the value of the configured owner field, where it is set.
-- Grain: lead_id.
-- Inputs: raw.leads, settings.import_days, settings.run, settings.source_names, staging.displaced_leads, staging.plausible_dates.
with
live_leads as (
    select
        leads.id,
        leads.status_id,
        run.timezone,
        plausible(leads.date_created, dates.earliest_at, dates.latest_at) as created_at,
        plausible(leads.date_updated, dates.earliest_at, dates.latest_at) as updated_at,
        first_text(leads.custom -> ('$."' || run.source_field_id || '"')) as source_value,
        first_text(leads.custom -> ('$."' || run.owner_field_id || '"')) as owner
    from raw.leads as leads
    cross join settings.run
    cross join staging.plausible_dates as dates
    anti join staging.displaced_leads on leads.id = displaced_leads.recorded_lead_id
),
dated_leads as (
    select *, cast(timezone(timezone, created_at) as date) as created_on from live_leads
)
select
    leads.id as lead_id,
    leads.status_id,
    leads.created_at,
    leads.updated_at,
    leads.created_on,
    leads.created_at is null or import_days.day is not null as is_imported,
    coalesce(source_names.alias, nullif(source_names.source_key, '')) as source_group,
    source_names.spelling as source_spelling,
    source_names.alias as source_alias,
    case when trim(leads.owner) <> '' then leads.owner end as owner
from dated_leads as leads
left join settings.import_days on leads.created_on = import_days.day
left join settings.source_names on leads.source_value = source_names.value;
