-- What came of each lead to date: its opportunities won and lost, its first win, its recurring wins, its value now. days_to_close: from
-- creation to first win, empty where the win is dated before the creation.
-- Grain: lead_id.
-- Inputs: staging.current_customers, staging.leads, staging.opportunities.
with
opportunities as (
    select
        lead_id,
        count(*) filter (where is_won) as won_opportunities,
        count(*) filter (where is_lost) as lost_opportunities,
        min(won_on) as first_won_on,
        bool_or(is_won and is_recurring) as has_recurring_win,
        sum(annual_cents) filter (where is_won and is_recurring) as won_annual_cents
    from staging.opportunities
    where lead_id is not null
    group by lead_id
)
select
    leads.lead_id,
    leads.source,
    cast(date_trunc('month', leads.created_on) as date) as cohort_month,
    leads.created_on,
    opportunities.first_won_on,
    coalesce(opportunities.won_opportunities, 0) as won_opportunities,
    coalesce(opportunities.lost_opportunities, 0) as lost_opportunities,
    coalesce(opportunities.won_opportunities > 0, false) as has_win,
    coalesce(opportunities.has_recurring_win, false) as has_recurring_win,
    case
        when opportunities.first_won_on >= leads.created_on then opportunities.first_won_on - leads.created_on
    end as days_to_close,
    coalesce(opportunities.won_annual_cents, 0) as won_annual_cents,
    coalesce(current_customers.annual_cents, 0) as current_annual_cents
from staging.leads as leads
left join opportunities on leads.lead_id = opportunities.lead_id
left join staging.current_customers on leads.lead_id = current_customers.lead_id;
