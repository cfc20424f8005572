-- Grain: opportunity_id. The open opportunities, of one stage of a pipeline or of all.
select
    opportunities.created_on,
    opportunities.pipeline,
    opportunities.status,
    users.rep,
    opportunities.user_id,
    opportunities.opportunity_id,
    leads.display_name as lead,
    opportunities.lead_id,
    opportunities.annual_cents,
    opportunities.one_time_cents,
    opportunities.confidence,
    opportunities.annual_cents * opportunities.confidence / 100 as weighted_annual_cents,
    opportunities.age_days,
    opportunities.is_overdue::integer as is_overdue
from staging.open_opportunities as opportunities
left join staging.users as users on opportunities.user_id = users.user_id
left join staging.leads as leads on opportunities.lead_id = leads.lead_id
where
    (cast($pipeline as varchar) is null or opportunities.pipeline = $pipeline)
    and (cast($stage as varchar) is null or opportunities.status = $stage)
order by opportunities.created_on, lead, opportunities.opportunity_id;
