-- The first ever entry of a lead into a trial status; being created in one counts. A lead that was imported in one is no new trial, nor is
-- its return to one.
-- Grain: lead_id.
-- Inputs: settings.run, staging.lead_timeline.
with
first_trials as (
    select lead_id, min(entered_at) as trial_at
    from staging.lead_timeline
    where role = 'trial'
    group by lead_id
    having not bool_or(entry = 'imported')
)
select first_trials.lead_id, cast(timezone(run.timezone, first_trials.trial_at) as date) as trial_on
from first_trials
cross join settings.run;
