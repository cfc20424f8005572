-- Adds the rows of raw.{table} that differ between $from and $to. An activity lies in the month in which it happened.
insert into temp.changed_records
with
changes as (
    select *, change_type in ('insert', 'update_postimage') as is_after
    from ducklake_table_changes('lake', 'raw', '{table}', $from::bigint, $to::bigint)
),
befores as (
    from (from changes qualify row_number() over (partition by id order by snapshot_id, is_after) = 1)
    where not is_after and _deleted_at is null
),
afters as (
    from (from changes qualify row_number() over (partition by id order by snapshot_id desc, is_after desc) = 1)
    where is_after and _deleted_at is null
)
select
    '{table}' as stream,
    coalesce(afters.id, befores.id) as record_id,
    case when befores.id is null then 'added' when afters.id is null then 'deleted' else 'changed' end as kind,
    list_distinct([
        cast(date_trunc('month', timezone($zone, moment)) as date)
        for moment in [befores.activity_at, afters.activity_at, befores.date_created, afters.date_created]
        if moment is not null
    ]) as months,
    [coalesce(user_id, 'Unassigned') for user_id in [befores.user_id, afters.user_id]] as users,
    coalesce(afters.lead_id, befores.lead_id) as lead_id
from befores
full join afters on befores.id = afters.id;
