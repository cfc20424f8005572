-- The leads that came, went or were merged between $from and $to, as stream leads; and those whose source or owner was changed
-- ($source_field, $owner_field: ids of the custom fields), as stream lead_fields. A change of status has a record of its own. A lead
-- lies in the months of its creation, its status changes, its opportunities and its meetings.
-- Grain: stream, record_id. Inputs: temp.befores and temp.afters, the leads that differ, as they were and as they are; raw.*; $zone.
with
fields as (
    select
        leads.is_after,
        leads.id,
        [leads.custom -> ('$."' || $source_field || '"'), leads.custom -> ('$."' || $owner_field || '"')] as fields
    from (select is_after, id, custom from befores union all select is_after, id, custom from afters) as leads
),
merged as (
    select source_lead_id as id
    from ducklake_table_changes('lake', 'raw', 'lead_merges', $from::bigint, $to::bigint)
    where
        change_type in ('insert', 'update_postimage')
        -- The care of the lake writes tables anew without changing a record.
        and snapshot_id not in (select snapshot_id from ducklake_snapshots('lake') where author = 'lake_maintenance')
        and merge_status = 'completed'
        and _deleted_at is null
    union
    select afters.id from afters inner join befores on afters.id = befores.id where afters._merged_into is not null
),
judged as (
    select
        coalesce(afters.id, befores.id) as id,
        case
            when befores.id is null and afters._deleted_at is null then 'added'
            when befores.id is not null and (afters.id is null or afters._deleted_at is not null) then 'deleted'
            when fields_before.fields is distinct from fields_after.fields then 'changed'
        end as kind
    from befores
    full join afters on befores.id = afters.id
    left join fields as fields_before on befores.id = fields_before.id and not fields_before.is_after
    left join fields as fields_after on afters.id = fields_after.id and fields_after.is_after
    where coalesce(afters.id, befores.id) not in (select id from merged)
    union all
    select id, 'merged' from merged
),
found as (
    select id, kind from judged where kind is not null
),
instants as (
    select id, date_created as moment from lake.raw.leads where id in (select id from found)
    union all
    select lead_id, coalesce(activity_at, date_created) from lake.raw.lead_status_changes where lead_id in (select id from found)
    union all
    select lead_id, unnest([date_created, date_lost, date_won::timestamp at time zone $zone])
    from lake.raw.opportunities
    where lead_id in (select id from found)
    union all
    select lead_id, starts_at from lake.raw.meetings where lead_id in (select id from found)
),
months as (
    select id, list(distinct cast(date_trunc('month', timezone($zone, moment)) as date)) as months
    from instants
    where moment is not null
    group by id
)
select
    case found.kind when 'changed' then 'lead_fields' else 'leads' end as stream,
    found.id as record_id,
    found.kind,
    coalesce(months.months, []) as months,
    null as users,
    found.id as lead_id
from found
left join months on found.id = months.id;
