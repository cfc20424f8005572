-- Won recurring opportunities in the order they count for their lead: (won_on, created_at, opportunity_id), with the lead's running
-- annual value after each. New and expansion wins add up; a renewal replaces the total; the first win on or after the day of a churn
-- starts a new total (era: the span that the churn ended, 0 before any churn). A lead without a win in its present era keeps the total it
-- had before the churn. added_annual_cents: what the win added; a renewal adds only its increase over the running value.
-- Grain: opportunity_id.
-- Inputs: staging.customer_spans, staging.opportunities.
with
wins as (
    select
        opportunity_id,
        lead_id,
        user_id,
        pipeline_role,
        annual_cents,
        created_at,
        won_on,
        coalesce(lead_id, opportunity_id) as account_id
    from staging.opportunities
    where is_won and is_recurring and won_on is not null
),
last_churns as (
    select wins.opportunity_id, max(spans.span_number) as span_number
    from wins
    inner join staging.customer_spans as spans on wins.lead_id = spans.lead_id and wins.won_on >= spans.left_on
    group by wins.opportunity_id
),
wins_in_eras as (
    select wins.*, coalesce(last_churns.span_number, 0) as era
    from wins
    left join last_churns on wins.opportunity_id = last_churns.opportunity_id
),
wins_in_terms as (
    select
        *,
        count(*) filter (where pipeline_role = 'renewal') over (
            partition by account_id, era order by won_on, created_at, opportunity_id
            rows between unbounded preceding and current row
        ) as term
    from wins_in_eras
),
running_values as (
    select
        *,
        sum(annual_cents) over (
            partition by account_id, era, term order by won_on, created_at, opportunity_id
            rows between unbounded preceding and current row
        ) as running_annual_cents
    from wins_in_terms
),
ordered as (
    select
        *,
        lag(running_annual_cents, 1, 0) over (
            partition by account_id order by won_on, created_at, opportunity_id
        ) as previous_annual_cents,
        row_number() over (partition by account_id order by won_on, created_at, opportunity_id) as win_number,
        lead(won_on) over (
            partition by account_id order by won_on, created_at, opportunity_id
        ) is distinct from won_on as is_last_of_day
    from running_values
)
select
    opportunity_id,
    lead_id,
    user_id,
    pipeline_role,
    won_on,
    win_number,
    era,
    annual_cents,
    cast(running_annual_cents as bigint) as running_annual_cents,
    cast(case pipeline_role
        when 'renewal' then greatest(annual_cents - previous_annual_cents, 0)
        else annual_cents
    end as bigint) as added_annual_cents,
    is_last_of_day
from ordered;
