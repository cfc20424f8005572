-- Grain: opportunity_id. The opportunities won in $first_month to $last_month, of every rep or of one (a user_id that is null: unassigned),
-- with what they added and what it took to win them. days_to_close is empty where the win is dated before the creation, deal_annual_cents
-- where the opportunity is no recurring one.
select
    wins.won_on,
    users.rep,
    wins.opportunity_id,
    leads.display_name as lead,
    wins.lead_id,
    wins.deal_annual_cents,
    wins.added_annual_cents,
    wins.one_time_cents,
    wins.days_to_close,
    wins.calls,
    wins.emails
from staging.won_opportunities as wins
left join staging.users as users on wins.user_id = users.user_id
left join staging.leads as leads on wins.lead_id = leads.lead_id
where
    date_trunc('month', wins.won_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or wins.user_id is not distinct from cast($user_id as varchar))
order by wins.won_on, lead, wins.opportunity_id;
