-- One row per table and view of the lake, as schema.table. From the columns: the list of tables estimates the rows of each.
select distinct schema_name || '.' || table_name as table_name
from duckdb_columns()
where database_name = 'lake';
