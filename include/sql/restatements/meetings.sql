-- The meetings that differ since the last publish, in the month in which each takes place.
-- Grain: stream, record_id. Inputs: temp.befores and temp.afters, the meetings that differ, as they were and as they are; $zone.
select
    'meetings' as stream,
    coalesce(afters.id, befores.id) as record_id,
    case when befores.id is null then 'added' when afters.id is null then 'deleted' else 'changed' end as kind,
    list_distinct([
        cast(date_trunc('month', timezone($zone, moment)) as date)
        for moment in [befores.starts_at, afters.starts_at]
        if moment is not null
    ]) as months,
    [coalesce(user_id, 'Unassigned') for user_id in [befores.user_id, afters.user_id]] as users,
    coalesce(afters.lead_id, befores.lead_id) as lead_id
from befores
full join (from afters where _deleted_at is null) as afters on befores.id = afters.id;
