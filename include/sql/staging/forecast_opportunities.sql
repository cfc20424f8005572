-- The opportunities that were open when a forecast was made, in which stage, and how likely each was to be won within three months of that
-- day; is_won: whether it was, empty as long as these are not over. Renewals are left out.
-- Grain: month, opportunity_id.
-- Inputs: settings.run, staging.forecast_stages, staging.opportunities, staging.stage_spells.
with
forecasts as (
    select distinct month, is_running, made_on from staging.forecast_stages
),
present as (
    select cast(timezone(timezone, as_of) as date) as today from settings.run
),
open_opportunities as (
    select forecasts.month, forecasts.made_on, spells.opportunity_id, spells.status_id
    from forecasts
    inner join staging.stage_spells as spells
        on forecasts.made_on > spells.from_on and forecasts.made_on <= coalesce(spells.to_on, date '9999-12-31')
    where not forecasts.is_running and spells.type = 'active'
    union all
    select forecasts.month, forecasts.made_on, opportunities.opportunity_id, opportunities.status_id
    from forecasts
    cross join staging.opportunities as opportunities
    where
        forecasts.is_running
        and opportunities.pipeline_role <> 'renewal'
        and not opportunities.is_won
        and not opportunities.is_lost
),
won as (
    select distinct opened.month, opened.opportunity_id
    from open_opportunities as opened
    inner join staging.stage_spells as spells
        on opened.opportunity_id = spells.opportunity_id
        and spells.from_on >= opened.made_on
        and spells.from_on < opened.made_on + interval 3 month
    where spells.type = 'won'
)
select
    opened.month,
    opened.opportunity_id,
    opened.status_id,
    stages.win_chance,
    stages.learned_from,
    stages.is_pooled,
    case when opened.made_on + interval 3 month <= present.today then won.opportunity_id is not null end as is_won
from open_opportunities as opened
cross join present
left join staging.forecast_stages as stages
    on opened.month = stages.month and opened.status_id is not distinct from stages.status_id
left join won on opened.month = won.month and opened.opportunity_id = won.opportunity_id;
