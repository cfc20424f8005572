-- Error sync_finished: Close has been read to the end: there is a state of the lake in which every stream was read up to one instant. Where
-- a later sync is under way or ended half-way, that state counts.
with
tables as (
    -- As in plumbing/catalog.sql.
    select tables.table_name
    from __ducklake_metadata_lake.ducklake_table as tables
    inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
    where
        tables.end_snapshot is null
        and schemas.end_snapshot is null
        and schemas.schema_name = 'raw'
        -- What a lake of an earlier version lacks: no number depends on contacts, and the others are read where the settings say so.
        and tables.table_name not in ('contacts', 'notes', 'sms', 'whatsapp_messages')
),
newest as (
    select max(synced_through) as synced_through from sync.streams
)
select
    'sync_finished' as rule,
    'error' as severity,
    'stream' as record_type,
    tables.table_name as record_id,
    null as lead_id,
    case
        when streams.synced_through is null then 'never read to the end'
        when loads.stream is not null then 'being loaded'
        else 'read up to ' || strftime(streams.synced_through, '%Y-%m-%d %H:%M') || ' UTC only'
    end as detail
from tables
cross join newest
left join sync.streams as streams on tables.table_name = streams.stream
left join sync.loads as loads on tables.table_name = loads.stream
where
    not exists (from sync.complete)
    and (streams.synced_through is null or loads.stream is not null or streams.synced_through < newest.synced_through)
order by tables.table_name;
