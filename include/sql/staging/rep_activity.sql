-- Grain: month, user_id (null: unassigned). The months in which a user has any activity, counted or not (a rep has a row in them), with
-- their counted calls and e-mails. Only the reported months, and of those only what is needed (see workspace/need_from.sql).
create or replace view staging.rep_activity as
with
other_activities as (
    select lead_id, user_id, activity_at, date_created from raw.meetings where _deleted_at is null
    union all
    select lead_id, user_id, activity_at, date_created from raw.custom_activities where _deleted_at is null
    union all
    select lead_id, user_id, activity_at, date_created from raw.lead_status_changes where _deleted_at is null
    union all
    select lead_id, user_id, activity_at, date_created from raw.opportunity_status_changes where _deleted_at is null
    union all
    select lead_id, user_id, activity_at, date_created from raw.task_completions where _deleted_at is null
),
activities as not materialized (
    select user_id, activity_at, called_at as happened_at, is_counted::integer as calls, 0 as emails
    from staging.calls
    union all
    select user_id, activity_at, emailed_at, 0, is_counted::integer
    from staging.emails
    union all
    select activities.user_id, activities.activity_at, coalesce(activities.activity_at, activities.date_created), 0, 0
    from other_activities as activities
    left join staging.displaced_leads on activities.lead_id = displaced_leads.recorded_lead_id
    where not coalesce(displaced_leads.is_deleted, false)
),
needed_activities as (
    -- On the stored column, and in two parts: so files and row groups of earlier months are not read.
    select user_id, happened_at, calls, emails
    from activities
    where activity_at >= coalesce(getvariable('needed_from'), timestamptz '-infinity')
    union all
    select user_id, happened_at, calls, emails
    from activities
    where activity_at is null
),
monthly_activities as (
    select
        case when activities.happened_at >= utc_days.next_month_at then utc_days.next_month else utc_days.month end as month,
        activities.user_id,
        activities.calls,
        activities.emails
    from needed_activities as activities
    inner join staging.utc_days as utc_days on epoch_us(activities.happened_at) // 86400000000 = utc_days.utc_day
)
select month, user_id, sum(calls) as calls, sum(emails) as emails
from monthly_activities
where month is not null
group by month, user_id;
