-- Grain: record_id. The demos of $first_month to $last_month, of every rep or of one (a user_id that is null: unassigned).
select
    demos.demo_on,
    meetings.title,
    users.rep,
    demos.user_id,
    demos.record_id,
    leads.display_name as lead,
    demos.lead_id
from staging.demos as demos
left join raw.meetings as meetings on demos.record_id = meetings.id
left join staging.users as users on demos.user_id = users.user_id
left join staging.leads as leads on demos.lead_id = leads.lead_id
where
    date_trunc('month', demos.demo_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or demos.user_id is not distinct from cast($user_id as varchar))
order by demos.demo_on, lead, demos.record_id;
