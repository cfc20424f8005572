-- One row per column of the raw table $table: its name and type, in order.
select column_name, data_type
from duckdb_columns()
where database_name = 'lake' and schema_name = 'raw' and table_name = $table
order by column_index;
