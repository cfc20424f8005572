-- The opportunities that count: not deleted, not of a deleted lead, not in an ignored pipeline. Won means status_type won: won_on is
-- empty on any other, whatever date_won says. Annual cents: monthly value x 12, annual value x 1; a missing value counts 0; one_time
-- stands apart.
-- Grain: opportunity_id.
-- Inputs: raw.opportunities, settings.pipeline_roles, settings.run, staging.lead_ids.
select
    opportunities.id as opportunity_id,
    lead_ids.lead_id,
    opportunities.user_id,
    opportunities.pipeline_id,
    coalesce(roles.role, 'new') as pipeline_role,
    opportunities.status_id,
    opportunities.status_label,
    coalesce(opportunities.status_type = 'won', false) as is_won,
    coalesce(opportunities.status_type = 'lost', false) as is_lost,
    coalesce(opportunities.value_period in ('monthly', 'annual'), false) as is_recurring,
    opportunities.value is null as is_value_missing,
    case opportunities.value_period
        when 'monthly' then coalesce(opportunities.value, 0) * 12
        when 'annual' then coalesce(opportunities.value, 0)
        else 0
    end as annual_cents,
    case when opportunities.value_period = 'one_time' then coalesce(opportunities.value, 0) else 0 end as one_time_cents,
    coalesce(opportunities.confidence, 0) as confidence,
    opportunities.date_created as created_at,
    cast(timezone(run.timezone, opportunities.date_created) as date) as created_on,
    case when opportunities.status_type = 'won' then opportunities.date_won end as won_on,
    case
        when opportunities.status_type = 'lost' then cast(timezone(run.timezone, opportunities.date_lost) as date)
    end as lost_on
from raw.opportunities as opportunities
left join staging.lead_ids on opportunities.lead_id = lead_ids.recorded_lead_id
left join settings.pipeline_roles as roles on opportunities.pipeline_id = roles.pipeline_id
cross join settings.run
where
    opportunities._deleted_at is null
    and not coalesce(lead_ids.is_deleted, false)
    and coalesce(roles.role, 'new') <> 'ignore';
