-- Grain: lead_id, step. The statuses that a lead went through. Step 0 is the initial status (the old status of the earliest change;
-- with no change, the current one), from the lead's creation on; then each change; last, where the last change contradicts it, the
-- current status. entry: created, changed, current. role: trial, customer, churned, lost, other.
create or replace view staging.lead_timeline as
with
first_changes as (
    select lead_id, old_status_id, changed_at
    from staging.lead_status_changes
    where change_number = 1
),
created as (
    select
        leads.lead_id,
        0 as step,
        'created' as entry,
        least(leads.created_at, first_changes.changed_at) as entered_at,
        case when first_changes.lead_id is null then leads.status_id else first_changes.old_status_id end as status_id,
        null as user_id
    from staging.leads as leads
    left join first_changes on leads.lead_id = first_changes.lead_id
),
changed as (
    select
        changes.lead_id,
        changes.change_number as step,
        'changed' as entry,
        changes.changed_at as entered_at,
        changes.new_status_id as status_id,
        changes.user_id
    from staging.lead_status_changes as changes
    left join staging.status_mismatches as mismatches on changes.lead_id = mismatches.lead_id
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
    from staging.status_mismatches as mismatches
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
