-- One row per table of the lake, as schema.table.
select schema_name || '.' || table_name as table_name
from duckdb_tables()
where database_name = 'lake';
