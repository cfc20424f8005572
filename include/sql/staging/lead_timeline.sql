-- The statuses that a lead went through. Step 0 is the initial status (the old status of the earliest change; with no change, the current
-- one), from the lead's creation on; then each change, by (instant, id); last, where the last change does not lead to it, the current
-- status: it wins from the lead's date_updated on. entry: created, imported, changed, current. The creation of an imported lead is no
-- event: its initial status holds from 1900 on, before any record, a customer's from its first recurring win before the import on.
-- is_move: out of another status; a change may leave the lead in the status it was in. role: trial, customer, churned, lost, other. A lead
-- that has been in one status only, and that of role other, is left out: no number depends on it.
-- Grain: lead_id, step.
-- Inputs: raw.lead_status_changes, settings.lead_status_roles, settings.run, staging.counted_leads, staging.displaced_leads,
-- staging.opportunities, staging.plausible_dates.
with
leads as (
    select lead_id, status_id, created_at, updated_at, created_on, is_imported from staging.counted_leads
),
changes as (
    select
        case when displaced_leads.recorded_lead_id is null then changes.lead_id else displaced_leads.lead_id end as lead_id,
        changes.id,
        changes.user_id,
        changes.old_status_id,
        changes.new_status_id,
        happened(changes.activity_at, changes.date_created, dates.earliest_at, dates.latest_at) as changed_at
    from raw.lead_status_changes as changes
    cross join staging.plausible_dates as dates
    left join staging.displaced_leads on changes.lead_id = displaced_leads.recorded_lead_id
    where changes._deleted_at is null and not coalesce(displaced_leads.is_deleted, false)
),
numbered_changes as (
    select
        lead_id,
        user_id,
        old_status_id,
        new_status_id,
        changed_at,
        row_number() over all_of_lead as change_number,
        lag(new_status_id, 1, old_status_id) over all_of_lead as previous_status_id,
        first_value(changed_at) over all_of_lead as first_changed_at,
        last_value(changed_at) over all_of_lead as last_changed_at,
        last_value(new_status_id) over all_of_lead as last_status_id
    from changes
    where changed_at is not null
    window all_of_lead as (
        partition by lead_id order by changed_at, id rows between unbounded preceding and unbounded following
    )
),
changes_of_leads as (
    select
        changes.*,
        leads.status_id as current_status_id,
        leads.created_on,
        leads.is_imported,
        least(leads.created_at, changes.first_changed_at) as created_at,
        leads.status_id is distinct from changes.last_status_id as is_mismatch,
        coalesce(leads.updated_at, changes.last_changed_at) as current_from_at
    from numbered_changes as changes
    inner join leads on changes.lead_id = leads.lead_id
),
initials as (
    select lead_id, old_status_id as status_id, created_at, created_on, is_imported, first_changed_at
    from changes_of_leads
    where change_number = 1
    union all
    select leads.lead_id, leads.status_id, leads.created_at, leads.created_on, leads.is_imported, null
    from leads
    inner join settings.lead_status_roles as roles on leads.status_id = roles.status_id
    anti join numbered_changes as changes on leads.lead_id = changes.lead_id
),
wins_before_import as (
    select initials.lead_id, min(opportunities.won_on) as first_won_on
    from initials
    inner join settings.lead_status_roles as roles on initials.status_id = roles.status_id
    inner join staging.opportunities as opportunities on initials.lead_id = opportunities.lead_id
    where
        initials.is_imported
        and roles.role = 'customer'
        and opportunities.is_won
        and opportunities.is_recurring
        and (opportunities.won_on < initials.created_on or initials.created_on is null)
    group by initials.lead_id
),
mismatches as (
    select
        lead_id,
        current_status_id,
        greatest(any_value(current_from_at), any_value(created_at)) as entered_at,
        coalesce(
            arg_max(new_status_id, change_number) filter (where changed_at <= current_from_at),
            arg_min(old_status_id, change_number)
        ) as previous_status_id
    from changes_of_leads
    where is_mismatch
    group by lead_id, current_status_id
),
steps as (
    select
        initials.lead_id,
        0 as step,
        case when initials.is_imported then 'imported' else 'created' end as entry,
        case
            when not initials.is_imported then initials.created_at
            when wins.first_won_on is null then timestamptz '1900-01-01 00:00:00+00'
            else least(timezone(run.timezone, cast(wins.first_won_on as timestamp)), initials.first_changed_at)
        end as entered_at,
        initials.status_id,
        null as previous_status_id,
        null as user_id
    from initials
    cross join settings.run
    left join wins_before_import as wins on initials.lead_id = wins.lead_id
    union all
    select lead_id, change_number, 'changed', changed_at, new_status_id, previous_status_id, user_id
    from changes_of_leads
    where not is_mismatch or changed_at <= current_from_at
    union all
    select lead_id, 1000000000, 'current', entered_at, current_status_id, previous_status_id, null
    from mismatches
)
select
    steps.lead_id,
    steps.step,
    steps.entry,
    steps.entered_at,
    steps.status_id,
    steps.step > 0 and steps.status_id is distinct from steps.previous_status_id as is_move,
    coalesce(roles.role, 'other') as role,
    steps.user_id
from steps
left join settings.lead_status_roles as roles on steps.status_id = roles.status_id;
