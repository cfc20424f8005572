-- Grain: month, lead_id. The leads that entered a churned or lost status in $first_month to $last_month, credited to every rep or to one (a
-- user_id that is null: unassigned).
select
    cast(timezone(run.timezone, cancelled_leads.cancelled_at) as date) as cancelled_on,
    users.rep,
    cancelled_leads.user_id,
    leads.display_name as lead,
    cancelled_leads.lead_id
from staging.cancelled_leads
cross join settings.run
left join staging.users as users on cancelled_leads.user_id = users.user_id
left join staging.leads as leads on cancelled_leads.lead_id = leads.lead_id
where
    cancelled_leads.month between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or cancelled_leads.user_id is not distinct from cast($user_id as varchar))
order by cancelled_on, lead, cancelled_leads.lead_id;
