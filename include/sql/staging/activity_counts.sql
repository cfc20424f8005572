-- The activities of each user and month, and how many of them are counted. month: of happened_at; null where none is believed or reported.
-- earliest_at, latest_at: of all their instants as recorded, believed or not.
-- Grain: month, user_id (null: unassigned), activity_type.
-- Inputs: staging.activities, staging.utc_days.
with
monthly_activities as (
    select
        case when activities.happened_at >= utc_days.next_month_at then utc_days.next_month else utc_days.month end as month,
        activities.user_id,
        activities.activity_type,
        activities.is_counted,
        least(activities.activity_at, activities.date_created, activities.starts_at, activities.ends_at) as earliest_at,
        greatest(activities.activity_at, activities.date_created, activities.starts_at, activities.ends_at) as latest_at
    from staging.activities
    left join staging.utc_days on epoch_us(activities.happened_at) // 86400000000 = utc_days.utc_day
    where not activities.lead_is_deleted
)
select
    month,
    user_id,
    activity_type,
    count(*) filter (where is_counted) as counted,
    min(earliest_at) as earliest_at,
    max(latest_at) as latest_at
from monthly_activities
group by month, user_id, activity_type;
