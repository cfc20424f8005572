-- Grain: opportunity_id. The opportunities that were created in $first_month to $last_month, and whether they are won or lost by now (1,
-- 0). Imported ones were not created then. $which: all, sales (renewals left out).
select
    opportunities.created_on,
    pipelines.name as pipeline,
    opportunities.status_label as status,
    users.rep,
    opportunities.user_id,
    opportunities.opportunity_id,
    leads.display_name as lead,
    opportunities.lead_id,
    opportunities.annual_cents,
    opportunities.one_time_cents,
    cast(opportunities.is_won as integer) as won,
    cast(opportunities.is_lost as integer) as lost
from staging.opportunities as opportunities
left join raw.pipelines as pipelines on opportunities.pipeline_id = pipelines.id
left join staging.users as users on opportunities.user_id = users.user_id
left join staging.leads as leads on opportunities.lead_id = leads.lead_id
where
    not opportunities.is_imported
    and ($which = 'all' or opportunities.pipeline_role <> 'renewal')
    and date_trunc('month', opportunities.created_on) between cast($first_month as date) and cast($last_month as date)
order by opportunities.created_on, lead, opportunities.opportunity_id;
