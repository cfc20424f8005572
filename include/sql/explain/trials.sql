-- Grain: lead_id. The leads whose first ever entry into a trial status falls in $first_month to $last_month.
select trials.trial_on, leads.display_name as lead, trials.lead_id
from staging.trials as trials
left join staging.leads as leads on trials.lead_id = leads.lead_id
where date_trunc('month', trials.trial_on) between cast($first_month as date) and cast($last_month as date)
order by trials.trial_on, lead, trials.lead_id;
