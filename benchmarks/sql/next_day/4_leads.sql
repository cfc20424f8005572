-- The day after as_of is like the day before it: new leads,
insert into raw.leads by name
select * replace (
    made_id('lead', 'next day', id) as id,
    made_id('stat', 'Potential', 0) as status_id,
    'Potential' as status_label,
    date_created + interval 1 day as date_created,
    date_created + interval 1 day as date_updated,
    getvariable('as_of') + interval 1 day as _synced_at
)
from raw.leads
where date_created >= getvariable('as_of') - interval 1 day and _deleted_at is null and _merged_into is null;

-- and leads of this month that go on trial:
create or replace temp table on_trial as
select id
from raw.leads
where
    date_created >= date_trunc('month', getvariable('as_of')) + interval 1 day
    and status_label = 'Potential'
    and _deleted_at is null
    and _merged_into is null
order by id
limit 200;

insert into raw.lead_status_changes by name
select
    made_id('acti', 'next day', id) as id,
    id as lead_id,
    getvariable('as_of') + interval 1 hour as activity_at,
    getvariable('as_of') + interval 1 hour as date_created,
    getvariable('as_of') + interval 1 hour as date_updated,
    made_id('stat', 'Potential', 0) as old_status_id,
    'Potential' as old_status_label,
    made_id('stat', 'Trial', 0) as new_status_id,
    'Trial' as new_status_label,
    getvariable('as_of') + interval 1 day as _synced_at
from temp.on_trial;

update raw.leads
set
    status_id = made_id('stat', 'Trial', 0),
    status_label = 'Trial',
    date_updated = getvariable('as_of') + interval 1 hour,
    _synced_at = getvariable('as_of') + interval 1 day
where id in (select id from temp.on_trial);
