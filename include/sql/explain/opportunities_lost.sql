-- Grain: opportunity_id. The opportunities lost in $first_month to $last_month, of every rep or of one (a user_id that is null:
-- unassigned). $which: sales, renewals.
select
    opportunities.lost_on,
    users.rep,
    opportunities.user_id,
    opportunities.opportunity_id,
    leads.display_name as lead,
    opportunities.lead_id,
    opportunities.annual_cents,
    opportunities.one_time_cents
from staging.opportunities as opportunities
left join staging.users as users on opportunities.user_id = users.user_id
left join staging.leads as leads on opportunities.lead_id = leads.lead_id
where
    (opportunities.pipeline_role = 'renewal') = ($which = 'renewals')
    and date_trunc('month', opportunities.lost_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or opportunities.user_id is not distinct from cast($user_id as varchar))
order by opportunities.lost_on, lead, opportunities.opportunity_id;
