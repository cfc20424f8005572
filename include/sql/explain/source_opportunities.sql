-- Grain: opportunity_id. The decided opportunities of the leads of every source or of one, of all leads or only of those created in
-- $first_month to $last_month. $which: won, lost (renewals left out), won_recurring (renewals too). Won counts to date, with or without a
-- date. added_annual_cents: what a recurring win added; a renewal adds its increase over the running value, and nothing without a date.
select
    coalesce(opportunities.won_on, opportunities.lost_on) as decided_on,
    results.source,
    results.created_on as lead_created_on,
    users.rep,
    opportunities.user_id,
    opportunities.opportunity_id,
    leads.display_name as lead,
    opportunities.lead_id,
    opportunities.annual_cents,
    opportunities.one_time_cents,
    case
        when opportunities.won_on is not null then wins.added_annual_cents
        when opportunities.pipeline_role <> 'renewal' then opportunities.annual_cents
        else 0
    end as added_annual_cents
from staging.opportunities as opportunities
inner join staging.lead_results as results on opportunities.lead_id = results.lead_id
left join staging.recurring_wins as wins on opportunities.opportunity_id = wins.opportunity_id
left join staging.leads as leads on opportunities.lead_id = leads.lead_id
left join staging.users as users on opportunities.user_id = users.user_id
where
    ($every_source or results.source = $source)
    and (
        cast($first_month as date) is null
        or results.cohort_month between cast($first_month as date) and cast($last_month as date)
    )
    and case $which
        when 'lost' then opportunities.is_lost and opportunities.pipeline_role <> 'renewal'
        when 'won_recurring' then opportunities.is_won and opportunities.is_recurring
        else opportunities.is_won and opportunities.pipeline_role <> 'renewal'
    end
order by decided_on, lead, opportunities.opportunity_id;
