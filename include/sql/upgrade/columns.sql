-- One row per column of the tables of schema kpi in this database: table, name, type, whether it may be null; in order.
select table_name, column_name, data_type, is_nullable
from duckdb_columns()
where database_name = current_database() and schema_name = 'kpi'
order by table_name, column_index;
