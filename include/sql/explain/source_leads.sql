-- Grain: lead_id. The leads of every source or of one, all or only those created in $first_month to $last_month, with what came of them to
-- date. $which: all of them, won (with at least one win), won_recurring (with a recurring one), customers (customers now).
select
    results.created_on,
    results.source,
    leads.display_name as lead,
    results.lead_id,
    results.won_opportunities,
    results.lost_opportunities,
    results.first_won_on,
    results.days_to_close,
    results.added_annual_cents,
    results.current_annual_cents
from staging.lead_results as results
left join staging.leads as leads on results.lead_id = leads.lead_id
left join staging.current_customers on results.lead_id = current_customers.lead_id
where
    ($every_source or results.source = $source)
    and (
        cast($first_month as date) is null
        or results.cohort_month between cast($first_month as date) and cast($last_month as date)
    )
    and case $which
        when 'won' then results.has_win
        when 'won_recurring' then results.has_recurring_win
        when 'customers' then current_customers.lead_id is not null
        else true
    end
order by results.created_on, lead, results.lead_id;
