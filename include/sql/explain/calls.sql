-- Grain: call_id. The counted calls of $first_month to $last_month, of every rep or of one (a user_id that is null: unassigned).
select
    calls.called_on,
    users.rep,
    calls.call_id,
    leads.display_name as lead,
    calls.lead_id
from staging.counted_calls as calls
left join staging.users as users on calls.user_id = users.user_id
left join staging.leads as leads on calls.lead_id = leads.lead_id
where
    date_trunc('month', calls.called_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or calls.user_id is not distinct from cast($user_id as varchar))
order by calls.called_at, calls.call_id;
