-- What came of each lead to date: its opportunities won and lost and its first win, renewals left out; its recurring wins, what they added
-- to its annual value (a renewal its increase, one without a date nothing), its value now. days_to_close: from creation to first win, empty
-- where the win is dated before the creation, and for imported leads.
-- Grain: lead_id.
-- Inputs: staging.counted_leads, staging.current_customers, staging.opportunities, staging.recurring_wins, staging.sources.
with
opportunities as (
    select
        opportunities.lead_id,
        count(*) filter (where opportunities.is_won and opportunities.pipeline_role <> 'renewal') as won_opportunities,
        count(*) filter (where opportunities.is_lost and opportunities.pipeline_role <> 'renewal') as lost_opportunities,
        min(opportunities.won_on) filter (where opportunities.pipeline_role <> 'renewal') as first_won_on,
        bool_or(opportunities.is_won and opportunities.is_recurring) as has_recurring_win,
        sum(case
            when not opportunities.is_won or not opportunities.is_recurring then 0
            when opportunities.won_on is not null then wins.added_annual_cents
            when opportunities.pipeline_role <> 'renewal' then opportunities.annual_cents
            else 0
        end) as added_annual_cents
    from staging.opportunities as opportunities
    left join staging.recurring_wins as wins on opportunities.opportunity_id = wins.opportunity_id
    where opportunities.lead_id is not null
    group by opportunities.lead_id
)
select
    leads.lead_id,
    coalesce(sources.source, '(none)') as source,
    cast(date_trunc('month', leads.created_on) as date) as cohort_month,
    leads.created_on,
    leads.is_imported,
    opportunities.first_won_on,
    coalesce(opportunities.won_opportunities, 0) as won_opportunities,
    coalesce(opportunities.lost_opportunities, 0) as lost_opportunities,
    coalesce(opportunities.won_opportunities > 0, false) as has_win,
    coalesce(opportunities.has_recurring_win, false) as has_recurring_win,
    case
        when not leads.is_imported and opportunities.first_won_on >= leads.created_on
            then opportunities.first_won_on - leads.created_on
    end as days_to_close,
    coalesce(opportunities.added_annual_cents, 0) as added_annual_cents,
    coalesce(current_customers.annual_cents, 0) as current_annual_cents
from staging.counted_leads as leads
left join staging.sources as sources on leads.source_group = sources.source_group
left join opportunities on leads.lead_id = opportunities.lead_id
left join staging.current_customers on leads.lead_id = current_customers.lead_id;
