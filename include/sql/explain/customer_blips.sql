-- Grain: month, lead_id. Leads that were customers for a part of a month, of $first_month to $last_month, that its two ends do not show.
-- $kind: joined_and_left or left_and_returned. entered_on, left_on: the days in the month on which the customer role began and ended, the
-- first and last of them.
select
    min(periods.started_on) filter (where date_trunc('month', periods.started_on) = blips.month) as entered_on,
    max(periods.ended_on) filter (where date_trunc('month', periods.ended_on) = blips.month) as left_on,
    any_value(leads.display_name) as lead,
    blips.lead_id
from staging.customer_blips as blips
left join staging.customer_periods as periods on blips.lead_id = periods.lead_id
left join staging.leads as leads on blips.lead_id = leads.lead_id
where blips.month between cast($first_month as date) and cast($last_month as date) and blips.kind = $kind
group by blips.month, blips.lead_id
order by entered_on, lead, blips.lead_id;
