-- Grain: month, lead_id. The customers that moved in a month of $first_month to $last_month, with their annual value at its start and end.
-- $movement: new, reactivation, churn; expansion, contraction: customers at both ends that pay more, or less, at its end.
-- moved_on: the day on which the lead became a customer or left; of a change of value the day of its last win.
with
moves as (
    select lead_id, month, movement, opening_annual_cents, closing_annual_cents
    from staging.customer_values
    where
        month between cast($first_month as date) and cast($last_month as date)
        and case $movement
            when 'expansion' then movement = 'change' and closing_annual_cents > opening_annual_cents
            when 'contraction' then movement = 'change' and closing_annual_cents < opening_annual_cents
            else movement = $movement
        end
),
entries as (
    select moves.lead_id, moves.month, max(periods.started_on) as entered_on
    from moves
    inner join staging.customer_periods as periods
        on moves.lead_id = periods.lead_id and moves.month = date_trunc('month', periods.started_on)
    group by moves.lead_id, moves.month
),
wins as (
    select moves.lead_id, moves.month, max(recurring_wins.won_on) as won_on
    from moves
    inner join staging.recurring_wins
        on moves.lead_id = recurring_wins.lead_id and moves.month = date_trunc('month', recurring_wins.won_on)
    group by moves.lead_id, moves.month
)
select
    case moves.movement
        when 'churn' then spans.left_on
        when 'change' then wins.won_on
        else entries.entered_on
    end as moved_on,
    leads.display_name as lead,
    moves.lead_id,
    moves.opening_annual_cents,
    moves.closing_annual_cents,
    abs(moves.closing_annual_cents - moves.opening_annual_cents) as moved_annual_cents
from moves
left join entries on moves.lead_id = entries.lead_id and moves.month = entries.month
left join wins on moves.lead_id = wins.lead_id and moves.month = wins.month
left join staging.customer_spans as spans on moves.lead_id = spans.lead_id and moves.month = spans.churned_month
left join staging.leads as leads on moves.lead_id = leads.lead_id
order by moved_on, lead, moves.lead_id;
