-- The demos done, by the one rule of the settings; at most one per lead and local day, the earliest.
-- Grain: record_id.
-- Inputs: settings.run, staging.demo_custom_activities, staging.demo_meetings, staging.demo_opportunity_statuses, staging.demo_tasks,
-- staging.lead_ids.
with
candidates as (
    -- Three of them are empty: each looks at the rule, or at a setting that only its rule has.
    select * from staging.demo_meetings
    union all
    select * from staging.demo_custom_activities
    union all
    select * from staging.demo_opportunity_statuses
    union all
    select * from staging.demo_tasks
),
demos_of_leads as materialized (
    select candidates.record_id, lead_ids.lead_id, candidates.user_id, candidates.demo_at
    from candidates
    left join staging.lead_ids on candidates.recorded_lead_id = lead_ids.recorded_lead_id
    where not coalesce(lead_ids.is_deleted, false)
),
demos as (
    select demos_of_leads.*, cast(timezone(run.timezone, demos_of_leads.demo_at) as date) as demo_on
    from demos_of_leads
    cross join settings.run
)
select record_id, lead_id, user_id, demo_at, demo_on
from demos
qualify row_number() over (partition by coalesce(lead_id, record_id), demo_on order by demo_at, record_id) = 1;
