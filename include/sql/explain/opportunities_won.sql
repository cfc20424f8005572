-- Grain: opportunity_id. The opportunities won in $first_month to $last_month, of every rep or of one (a user_id that is null: unassigned),
-- with what they added and what it took to win them. $which: sales, renewals, all. days_to_close is empty where the win is dated before the
-- creation, calls and emails where they are not counted (imported deals), deal_annual_cents where there is no recurring value above 0.
select
    wins.decided_on as won_on,
    users.rep,
    wins.user_id,
    wins.opportunity_id,
    leads.display_name as lead,
    wins.lead_id,
    wins.deal_annual_cents,
    wins.added_annual_cents,
    wins.one_time_cents,
    wins.days_to_close,
    wins.calls,
    wins.emails
from staging.decided_opportunities as wins
left join staging.users as users on wins.user_id = users.user_id
left join staging.leads as leads on wins.lead_id = leads.lead_id
where
    wins.is_won
    and ($which = 'all' or wins.is_renewal = ($which = 'renewals'))
    and date_trunc('month', wins.decided_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or wins.user_id is not distinct from cast($user_id as varchar))
order by wins.decided_on, lead, wins.opportunity_id;
