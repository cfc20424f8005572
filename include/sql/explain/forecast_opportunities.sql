-- Grain: opportunity_id. The opportunities that were open when the forecast of $month was made, with their chance to be won within three
-- months, and whether they were.
select
    opportunities.created_on,
    coalesce(statuses.label, forecast.status_id) as stage_then,
    users.rep,
    forecast.opportunity_id,
    leads.display_name as lead,
    opportunities.lead_id,
    forecast.win_chance,
    forecast.is_won::integer as is_won
from staging.forecast_opportunities as forecast
inner join staging.opportunities as opportunities on forecast.opportunity_id = opportunities.opportunity_id
left join raw.opportunity_statuses as statuses on forecast.status_id = statuses.id
left join staging.users as users on opportunities.user_id = users.user_id
left join staging.leads as leads on opportunities.lead_id = leads.lead_id
where forecast.month = $month
order by opportunities.created_on, lead, forecast.opportunity_id;
