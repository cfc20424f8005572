-- Error sync_finished: every table that Close is read into has been read up to one instant. Remedy: run the DAG close_sync to its end.
with
tables as (
    -- From the columns: the list of tables estimates the rows of each.
    select distinct table_name
    from duckdb_columns()
    where database_name = current_database() and schema_name = 'raw'
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
