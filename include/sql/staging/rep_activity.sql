-- The reported months in which a user has any activity, counted or not (a rep has a row in them), with their counted calls and e-mails, and
-- what the settings count as their activities.
-- Grain: month, user_id (null: unassigned).
-- Inputs: settings.counted_activities, staging.activities, staging.utc_days.
with
monthly_activities as (
    select
        case when activities.happened_at >= utc_days.next_month_at then utc_days.next_month else utc_days.month end as month,
        activities.user_id,
        activities.activity_type,
        activities.is_counted
    from staging.activities
    inner join staging.utc_days on epoch_us(activities.happened_at) // 86400000000 = utc_days.utc_day
    where not activities.lead_is_deleted
),
by_type as (
    select month, user_id, activity_type, count(*) filter (where is_counted) as counted
    from monthly_activities
    where month is not null
    group by month, user_id, activity_type
)
select
    by_type.month,
    by_type.user_id,
    coalesce(sum(by_type.counted) filter (where by_type.activity_type = 'call'), 0) as calls,
    coalesce(sum(by_type.counted) filter (where by_type.activity_type = 'email'), 0) as emails,
    coalesce(sum(by_type.counted) filter (where counted_activities.activity_type is not null), 0) as activities
from by_type
left join settings.counted_activities on by_type.activity_type = counted_activities.activity_type
group by by_type.month, by_type.user_id;
