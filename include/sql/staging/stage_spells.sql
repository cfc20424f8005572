-- The stages that opportunities went through, renewals left out: one holds from the local day of the change into it, the first from the
-- creation on, up to the day of the next change, to_on, which is empty for the stage that it is in. Of several changes on a day the last
-- one holds. type: active, won or lost, as Close called the stage when it was entered.
-- Grain: opportunity_id, from_on.
-- Inputs: raw.opportunity_status_changes, settings.run, staging.opportunities, staging.plausible_dates.
with
changes as (
    select
        changes.opportunity_id,
        changes.id,
        changes.old_status_id,
        changes.old_status_type,
        changes.new_status_id,
        changes.new_status_type,
        happened(changes.activity_at, changes.date_created, dates.earliest_at, dates.latest_at) as changed_at,
        run.timezone,
        opportunities.created_on
    from raw.opportunity_status_changes as changes
    inner join staging.opportunities as opportunities on changes.opportunity_id = opportunities.opportunity_id
    cross join staging.plausible_dates as dates
    cross join settings.run
    where changes._deleted_at is null and opportunities.pipeline_role <> 'renewal'
),
dated_changes as (
    -- Before the changes are ordered: after that, the zone would be looked up by its name for each of them.
    select *, cast(timezone(timezone, changed_at) as date) as changed_on
    from changes
    where changed_at is not null
),
numbered as (
    select
        opportunity_id,
        old_status_id,
        old_status_type,
        new_status_id,
        new_status_type,
        created_on,
        changed_on,
        row_number() over (partition by opportunity_id order by changed_at, id) as change_number
    from dated_changes
),
steps as (
    select
        opportunity_id,
        0 as step,
        least(created_on, changed_on) as from_on,
        old_status_id as status_id,
        old_status_type as type
    from numbered
    where change_number = 1
    union all
    select opportunity_id, change_number, changed_on, new_status_id, new_status_type
    from numbered
    union all
    select
        opportunities.opportunity_id,
        0,
        opportunities.created_on,
        opportunities.status_id,
        case when opportunities.is_won then 'won' when opportunities.is_lost then 'lost' else 'active' end
    from staging.opportunities as opportunities
    anti join numbered on opportunities.opportunity_id = numbered.opportunity_id
    where opportunities.pipeline_role <> 'renewal' and opportunities.created_on is not null
),
spells as (
    select
        opportunity_id,
        status_id,
        type,
        from_on,
        lead(from_on) over (partition by opportunity_id order by step) as to_on
    from steps
)
select opportunity_id, status_id, type, from_on, to_on
from spells
where to_on is null or to_on > from_on;
