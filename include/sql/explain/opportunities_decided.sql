-- Grain: opportunity_id. The opportunities won or lost in $first_month to $last_month, renewals left out, of every rep or of one (a user_id
-- that is null: unassigned), with the calls and e-mails on their lead from the creation to the day of the decision; none if imported.
select
    decisions.decided_on,
    users.rep,
    decisions.user_id,
    decisions.opportunity_id,
    leads.display_name as lead,
    decisions.lead_id,
    case when decisions.is_won then 'won' else 'lost' end as decision,
    decisions.calls,
    decisions.emails
from staging.decided_opportunities as decisions
left join staging.users as users on decisions.user_id = users.user_id
left join staging.leads as leads on decisions.lead_id = leads.lead_id
where
    not decisions.is_renewal
    and date_trunc('month', decisions.decided_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or decisions.user_id is not distinct from cast($user_id as varchar))
order by decisions.decided_on, lead, decisions.opportunity_id;
