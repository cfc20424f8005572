-- The reported months in which a user has any activity, counted or not (a rep has a row in them), with their counted calls and e-mails.
-- Grain: month, user_id (null: unassigned).
-- Inputs: staging.activities, staging.utc_days.
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
)
select
    month,
    user_id,
    count(*) filter (where is_counted and activity_type = 'call') as calls,
    count(*) filter (where is_counted and activity_type = 'email') as emails
from monthly_activities
where month is not null
group by month, user_id;
