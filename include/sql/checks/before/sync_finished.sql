-- Error sync_finished: every table that Close is read into has been read up to one instant. Remedy: run the DAG close_sync to its end.
select
    'sync_finished' as rule,
    'error' as severity,
    'stream' as record_type,
    tables.table_name as record_id,
    null as lead_id,
    'never read to the end' as detail
from duckdb_tables() as tables
left join sync.streams as streams on tables.table_name = streams.stream
where tables.database_name = current_database() and tables.schema_name = 'raw' and streams.synced_through is null
order by tables.table_name;
