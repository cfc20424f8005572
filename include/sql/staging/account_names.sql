-- What the account has that settings can name, and its currency (id). A lead status that was deleted in Close is known from the history
-- that still refers to it; other deleted names stay known because old records keep their ids. A deleted custom field has no values.
-- Grain: kind, id.
-- Inputs: raw.custom_activity_types, raw.custom_fields, raw.lead_status_changes, raw.lead_statuses, raw.leads, raw.opportunity_statuses,
-- raw.organization, raw.outcomes, raw.pipelines.
with
lead_statuses_of_history as (
    select old_status_id as id, max(old_status_label) as label from raw.lead_status_changes group by old_status_id
    union all
    select new_status_id as id, max(new_status_label) as label from raw.lead_status_changes group by new_status_id
    union all
    select status_id as id, max(status_label) as label from raw.leads group by status_id
),
deleted_lead_statuses as (
    select id, max(label) as label
    from lead_statuses_of_history
    where id is not null and id not in (select id from raw.lead_statuses)
    group by id
)
select 'lead_status' as kind, id, label, null as object_type, _deleted_at is not null as is_deleted from raw.lead_statuses
union all
select 'lead_status', id, label, null, true from deleted_lead_statuses
union all
select 'pipeline', id, name, null, _deleted_at is not null from raw.pipelines
union all
select 'opportunity_status', id, label, null, _deleted_at is not null from raw.opportunity_statuses
union all
select 'outcome', id, name, null, _deleted_at is not null from raw.outcomes
union all
select 'custom_activity_type', id, name, null, _deleted_at is not null from raw.custom_activity_types
union all
select 'custom_field', id, name, object_type, false from raw.custom_fields where _deleted_at is null
union all
select 'currency', currency, name, null, false from raw.organization where _deleted_at is null and currency <> ''
order by kind, label, id;
