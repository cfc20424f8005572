-- The day after as_of is like the day before it: deals of this month are won, and new ones opened.
update raw.opportunities
set
    status_type = 'won',
    status_label = 'Won',
    date_won = cast(getvariable('as_of') as date),
    date_updated = getvariable('as_of') + interval 1 hour,
    _synced_at = getvariable('as_of') + interval 1 day
where date_created >= date_trunc('month', getvariable('as_of')) + interval 1 day and status_type = 'active';

insert into raw.opportunities by name
select * replace (
    made_id('oppo', 'next day', id) as id,
    date_created + interval 1 day as date_created,
    date_created + interval 1 day as date_updated,
    getvariable('as_of') + interval 1 day as _synced_at
)
from raw.opportunities
where date_created >= getvariable('as_of') - interval 1 day and status_type = 'active';
