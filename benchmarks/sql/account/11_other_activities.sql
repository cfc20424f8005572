-- raw.custom_activities and raw.task_completions: each one for four leads.
insert into raw.custom_activities by name
select
    made_id('acti', 'custom', k) as id,
    lead_id,
    user_id,
    touched_at as activity_at,
    touched_at as date_created,
    touched_at as date_updated,
    made_id('actitype', pick(k, 'type', ['Onboarding', 'Visit']), 0) as custom_activity_type_id,
    pick(k, 'published', ['published', 'published', 'draft']) as status,
    getvariable('as_of') as _synced_at
from touches
where k % 40 = 19
order by touched_at;

insert into raw.task_completions by name
select
    made_id('acti', 'task', k) as id,
    lead_id,
    user_id,
    touched_at as activity_at,
    touched_at as date_created,
    touched_at as date_updated,
    made_id('task', 'task', k) as task_id,
    pick(k, 'text', ['Give demo', 'Send offer', 'Call back', 'Ask for feedback']) as task_text,
    user_id as task_assigned_to,
    getvariable('as_of') as _synced_at
from touches
where k % 40 = 39
order by touched_at;
