-- The day after as_of is like the day before it, with other records: calls,
insert into raw.calls by name
select * replace (
    made_id('acti', 'next day', id) as id,
    activity_at + interval 1 day as activity_at,
    date_created + interval 1 day as date_created,
    date_updated + interval 1 day as date_updated,
    getvariable('as_of') + interval 1 day as _synced_at
)
from raw.calls
where activity_at >= getvariable('as_of') - interval 1 day;
