-- raw.lead_status_changes: the steps of temp.lives.
insert into raw.lead_status_changes by name
with
steps as (
    select n, lead_id, user_id, trial_at as changed_at, 'Trial' as label from lives where trial_at is not null
    union all
    select n, lead_id, user_id, customer_at, 'Customer' from lives where customer_at is not null
    union all
    select n, lead_id, user_id, churned_at, 'Churned' from lives where churned_at is not null
    union all
    select n, lead_id, user_id, returned_at, 'Customer' from lives where returned_at is not null
    union all
    select n, lead_id, user_id, lost_at, 'Lost' from lives where lost_at is not null
),
changes as (
    select *, lag(label, 1, 'Potential') over (partition by n order by changed_at) as old_label
    from steps
)
select
    made_id('acti', label, n || '-' || epoch(changed_at)) as id,
    lead_id,
    case when share(n, label || ' by') < 0.95 then user_id end as user_id,
    changed_at as activity_at,
    changed_at as date_created,
    changed_at as date_updated,
    made_id('stat', old_label, 0) as old_status_id,
    old_label as old_status_label,
    made_id('stat', label, 0) as new_status_id,
    label as new_status_label,
    getvariable('as_of') as _synced_at,
    case when share(n, label || ' deleted') < 0.001 then getvariable('as_of') end as _deleted_at
from changes
order by changed_at;
