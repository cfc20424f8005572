-- Grain: opportunity_id. The opportunities that are open as of the last computation, of every pipeline and stage or of one, with the value
-- weighted by confidence and the age in days.
with
open_opportunities as (
    select
        opportunities.*,
        coalesce(pipelines.name, opportunities.pipeline_id, '(none)') as pipeline,
        coalesce(statuses.label, opportunities.status_label, opportunities.status_id, '(none)') as status
    from staging.opportunities as opportunities
    left join raw.pipelines as pipelines on opportunities.pipeline_id = pipelines.id
    left join raw.opportunity_statuses as statuses on opportunities.status_id = statuses.id
    where not opportunities.is_won and not opportunities.is_lost
)
select
    opportunities.created_on,
    opportunities.pipeline,
    opportunities.status,
    users.rep,
    opportunities.opportunity_id,
    leads.display_name as lead,
    opportunities.lead_id,
    opportunities.annual_cents,
    opportunities.one_time_cents,
    opportunities.confidence,
    opportunities.annual_cents * opportunities.confidence / 100 as weighted_annual_cents,
    cast(timezone(run.timezone, run.as_of) as date) - opportunities.created_on as age_days
from open_opportunities as opportunities
cross join settings.run
left join staging.users as users on opportunities.user_id = users.user_id
left join staging.leads as leads on opportunities.lead_id = leads.lead_id
where
    (cast($pipeline as varchar) is null or opportunities.pipeline = $pipeline)
    and (cast($stage as varchar) is null or opportunities.status = $stage)
order by opportunities.created_on, lead, opportunities.opportunity_id;
