-- The reported months in which a user has any activity, counted or not (a rep has a row in them), with their counted calls and e-mails, and
-- what the settings count as their activities.
-- Grain: month, user_id (null: unassigned).
-- Inputs: settings.counted_activities, staging.activity_counts.
select
    activity_counts.month,
    activity_counts.user_id,
    coalesce(sum(activity_counts.counted) filter (where activity_counts.activity_type = 'call'), 0) as calls,
    coalesce(sum(activity_counts.counted) filter (where activity_counts.activity_type = 'email'), 0) as emails,
    coalesce(sum(activity_counts.counted) filter (where counted_activities.activity_type is not null), 0) as activities
from staging.activity_counts
left join settings.counted_activities on activity_counts.activity_type = counted_activities.activity_type
where activity_counts.month is not null
group by activity_counts.month, activity_counts.user_id;
