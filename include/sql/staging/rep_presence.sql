-- Grain: month, user_id (null: unassigned). The months in which a user has any activity, counted or not: a rep has a row in them.
create or replace view staging.rep_presence as
with
activities as (
    select lead_id, user_id, coalesce(activity_at, date_created) as happened_at from raw.calls where _deleted_at is null
    union all
    select lead_id, user_id, coalesce(activity_at, date_created) from raw.emails where _deleted_at is null
    union all
    select lead_id, user_id, coalesce(activity_at, date_created) from raw.meetings where _deleted_at is null
    union all
    select lead_id, user_id, coalesce(activity_at, date_created) from raw.custom_activities where _deleted_at is null
    union all
    select lead_id, user_id, coalesce(activity_at, date_created) from raw.lead_status_changes where _deleted_at is null
    union all
    select lead_id, user_id, coalesce(activity_at, date_created) from raw.opportunity_status_changes where _deleted_at is null
    union all
    select lead_id, user_id, coalesce(activity_at, date_created) from raw.task_completions where _deleted_at is null
)
select distinct
    cast(date_trunc('month', timezone(run.timezone, activities.happened_at)) as date) as month,
    activities.user_id
from activities
left join staging.lead_ids on activities.lead_id = lead_ids.recorded_lead_id
cross join settings.run
where not coalesce(lead_ids.is_deleted, false);
