-- Error sync_finished: every table that Close is read into has been read up to one instant.
with
tables as (
    -- As in sync/existing_tables.sql.
    select tables.table_name
    from __ducklake_metadata_lake.ducklake_table as tables
    inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
    where tables.end_snapshot is null and schemas.end_snapshot is null and schemas.schema_name = 'raw'
)
select
    'sync_finished' as rule,
    'error' as severity,
    'stream' as record_type,
    tables.table_name as record_id,
    null as lead_id,
    'never read to the end' as detail
from tables
left join sync.streams as streams on tables.table_name = streams.stream
where streams.synced_through is null
order by tables.table_name;
