-- Grain: opportunity_id. The decided opportunities of the leads of every source or of one, of all leads or only of those created in
-- $first_month to $last_month. $which: won, lost, won_recurring. Won counts to date, with or without a date.
select
    coalesce(opportunities.won_on, opportunities.lost_on) as decided_on,
    results.source,
    users.rep,
    opportunities.opportunity_id,
    leads.display_name as lead,
    opportunities.lead_id,
    opportunities.annual_cents,
    opportunities.one_time_cents
from staging.opportunities as opportunities
inner join staging.lead_results as results on opportunities.lead_id = results.lead_id
left join staging.leads as leads on opportunities.lead_id = leads.lead_id
left join staging.users as users on opportunities.user_id = users.user_id
where
    ($every_source or results.source = $source)
    and (
        cast($first_month as date) is null
        or results.cohort_month between cast($first_month as date) and cast($last_month as date)
    )
    and case $which
        when 'lost' then opportunities.is_lost
        when 'won_recurring' then opportunities.is_won and opportunities.is_recurring
        else opportunities.is_won
    end
order by decided_on, lead, opportunities.opportunity_id;
