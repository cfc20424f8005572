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
    where changes._deleted_at is null
),
numbered_changes as (
    select
        lead_id,
        user_id,
        old_status_id,
        new_status_id,
        changed_at,
        row_number() over history as change_number,
        lag(new_status_id, 1, old_status_id) over history as previous_status_id
    from changes
    -- Nothing of a deleted lead.
    where changed_at is not null and lead_id in (select lead_id from staging.counted_leads)
    window history as (partition by lead_id order by changed_at, id)
),
histories as (
    select
        lead_id,
        arg_min_null(old_status_id, change_number) as first_status_id,
        arg_max_null(new_status_id, change_number) as last_status_id,
        min(changed_at) as first_changed_at,
        max(changed_at) as last_changed_at
    from numbered_changes
    group by lead_id
),
initials as (
    select
        leads.lead_id,
        case when histories.lead_id is null then leads.status_id else histories.first_status_id end as status_id,
        least(leads.created_at, histories.first_changed_at) as created_at,
        leads.created_on,
        leads.is_imported,
        histories.first_changed_at,
        leads.status_id as current_status_id,
        coalesce(leads.updated_at, histories.last_changed_at) as current_from_at,
        histories.lead_id is not null and leads.status_id is distinct from histories.last_status_id as is_mismatch
    from staging.counted_leads as leads
    left join histories on leads.lead_id = histories.lead_id
    left join settings.lead_status_roles as roles on leads.status_id = roles.status_id
    where histories.lead_id is not null or roles.role is not null
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
        initials.lead_id,
        initials.current_status_id,
        initials.current_from_at,
        greatest(initials.current_from_at, initials.created_at) as entered_at,
        coalesce(
            arg_max(changes.new_status_id, changes.change_number) filter (where changes.changed_at <= initials.current_from_at),
            arg_min(changes.old_status_id, changes.change_number)
        ) as previous_status_id
    from initials
    inner join numbered_changes as changes on initials.lead_id = changes.lead_id
    where initials.is_mismatch
    group by all
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
    select
        changes.lead_id,
        changes.change_number,
        'changed',
        changes.changed_at,
        changes.new_status_id,
        changes.previous_status_id,
        changes.user_id
    from numbered_changes as changes
    left join mismatches on changes.lead_id = mismatches.lead_id
    where mismatches.lead_id is null or changes.changed_at <= mismatches.current_from_at
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
