-- The opportunities that count: not deleted, not of a deleted lead, not in an ignored pipeline. Won means status_type won: won_on is
-- empty on any other, whatever date_won says. Dates that are not believed are empty. is_imported: created on an import day. Annual cents:
-- monthly value x 12, annual value x 1; a missing value counts 0; one_time stands apart.
-- Grain: opportunity_id.
-- Inputs: raw.opportunities, settings.import_days, settings.pipeline_roles, settings.run, staging.lead_ids, staging.plausible_dates.
with
counted as (
    select
        opportunities.*,
        run.timezone,
        lead_ids.lead_id as holding_lead_id,
        coalesce(roles.role, 'new') as pipeline_role,
        plausible(opportunities.date_created, dates.earliest_at, dates.latest_at) as created_at,
        plausible(opportunities.date_won, dates.earliest_on, dates.latest_on) as won_on,
        plausible(opportunities.date_lost, dates.earliest_at, dates.latest_at) as lost_at
    from raw.opportunities as opportunities
    left join staging.lead_ids on opportunities.lead_id = lead_ids.recorded_lead_id
    left join settings.pipeline_roles as roles on opportunities.pipeline_id = roles.pipeline_id
    cross join settings.run
    cross join staging.plausible_dates as dates
    where
        opportunities._deleted_at is null
        and not coalesce(lead_ids.is_deleted, false)
        and coalesce(roles.role, 'new') <> 'ignore'
),
dated as (
    select *, cast(timezone(timezone, created_at) as date) as created_on from counted
)
select
    opportunities.id as opportunity_id,
    opportunities.holding_lead_id as lead_id,
    opportunities.user_id,
    opportunities.pipeline_id,
    opportunities.pipeline_role,
    opportunities.status_id,
    opportunities.status_label,
    coalesce(opportunities.status_type = 'won', false) as is_won,
    coalesce(opportunities.status_type = 'lost', false) as is_lost,
    coalesce(opportunities.value_period in ('monthly', 'annual'), false) as is_recurring,
    coalesce(opportunities.value_period = 'annual', false) as is_annual,
    opportunities.value is null as is_value_missing,
    case opportunities.value_period
        when 'monthly' then coalesce(opportunities.value, 0) * 12
        when 'annual' then coalesce(opportunities.value, 0)
        else 0
    end as annual_cents,
    case when opportunities.value_period = 'one_time' then coalesce(opportunities.value, 0) else 0 end as one_time_cents,
    coalesce(opportunities.confidence, 0) as confidence,
    opportunities.created_at,
    opportunities.created_on,
    import_days.day is not null as is_imported,
    case when opportunities.status_type = 'won' then opportunities.won_on end as won_on,
    case
        when opportunities.status_type = 'lost' then cast(timezone(opportunities.timezone, opportunities.lost_at) as date)
    end as lost_on
from dated as opportunities
left join settings.import_days on opportunities.created_on = import_days.day;
