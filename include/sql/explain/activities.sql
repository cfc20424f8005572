-- The counted calls or e-mails ($which: call, email), or all that the settings count, in $first_month to $last_month, of every rep
-- ($every_rep) or of one (a $user_id that is null: unassigned).
-- Grain: activity_id. Inputs: staging.activities, staging.users, staging.leads, settings.counted_activities, settings.run.
with
counted as (
    select activities.*, cast(timezone(run.timezone, activities.happened_at) as date) as happened_on
    from staging.activities
    cross join settings.run
    where
        activities.is_counted
        and case $which
            when 'all' then activities.activity_type in (select activity_type from settings.counted_activities)
            else activities.activity_type = $which
        end
)
select
    counted.happened_on,
    users.rep,
    counted.user_id,
    counted.activity_type,
    counted.activity_id,
    leads.display_name as lead,
    counted.lead_id
from counted
left join staging.users as users on counted.user_id = users.user_id
left join staging.leads as leads on counted.lead_id = leads.lead_id
where
    date_trunc('month', counted.happened_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or counted.user_id is not distinct from cast($user_id as varchar))
order by counted.happened_at, counted.activity_id;
