-- The day after as_of is like the day before it: meetings,
insert into raw.meetings by name
select * replace (
    made_id('acti', 'next day', id) as id,
    activity_at + interval 1 day as activity_at,
    date_created + interval 1 day as date_created,
    date_updated + interval 1 day as date_updated,
    starts_at + interval 1 day as starts_at,
    ends_at + interval 1 day as ends_at,
    getvariable('as_of') + interval 1 day as _synced_at
)
from raw.meetings
where activity_at >= getvariable('as_of') - interval 1 day;
