-- Grain: lead_id. The first ever entry of a lead into a trial status; being created in one counts.
create or replace view staging.trials as
select lead_id, min(entered_on) as trial_on
from staging.lead_timeline
where role = 'trial'
group by lead_id;
