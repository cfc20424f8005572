-- Grain: lead_id, step. The statuses that a lead went through. Step 0 is the initial status (the old status of the earliest change;
-- with no change, the current one), from the lead's creation on; then each change, by (instant, id); last, where the last change does
-- not lead to it, the current status: it wins from the lead's date_updated on.
-- entry: created, changed, current. role: trial, customer, churned, lost, other.
create or replace view staging.lead_timeline as
with
leads as (
    select lead_id, status_id, created_at, updated_at from staging.leads
),
changes as (
    select
        lead_ids.lead_id,
        changes.user_id,
        changes.old_status_id,
        changes.new_status_id,
        coalesce(changes.activity_at, changes.date_created) as changed_at,
        row_number() over (
            partition by lead_ids.lead_id order by coalesce(changes.activity_at, changes.date_created), changes.id
        ) as change_number,
        count(*) over (partition by lead_ids.lead_id) as changes_of_lead
    from raw.lead_status_changes as changes
    inner join staging.lead_ids on changes.lead_id = lead_ids.recorded_lead_id
    where changes._deleted_at is null and lead_ids.lead_id is not null
),
mismatches as (
    select leads.lead_id, leads.status_id, coalesce(leads.updated_at, changes.changed_at) as wins_from_at
    from leads
    inner join changes on leads.lead_id = changes.lead_id and changes.change_number = changes.changes_of_lead
    where leads.status_id is distinct from changes.new_status_id
),
created as (
    select
        leads.lead_id,
        0 as step,
        'created' as entry,
        least(leads.created_at, changes.changed_at) as entered_at,
        case when changes.lead_id is null then leads.status_id else changes.old_status_id end as status_id,
        null as user_id
    from leads
    left join changes on leads.lead_id = changes.lead_id and changes.change_number = 1
),
changed as (
    select
        changes.lead_id,
        changes.change_number as step,
        'changed' as entry,
        changes.changed_at as entered_at,
        changes.new_status_id as status_id,
        changes.user_id
    from changes
    left join mismatches on changes.lead_id = mismatches.lead_id
    where mismatches.lead_id is null or changes.changed_at <= mismatches.wins_from_at
),
corrected as (
    select
        mismatches.lead_id,
        1000000000 as step,
        'current' as entry,
        greatest(mismatches.wins_from_at, created.entered_at) as entered_at,
        mismatches.status_id,
        null as user_id
    from mismatches
    inner join created on mismatches.lead_id = created.lead_id
),
steps as (
    select * from created
    union all
    select * from changed
    union all
    select * from corrected
)
select
    steps.lead_id,
    steps.step,
    steps.entry,
    steps.entered_at,
    cast(timezone(run.timezone, steps.entered_at) as date) as entered_on,
    steps.status_id,
    coalesce(roles.role, 'other') as role,
    steps.user_id
from steps
left join settings.lead_status_roles as roles on steps.status_id = roles.status_id
cross join settings.run;
