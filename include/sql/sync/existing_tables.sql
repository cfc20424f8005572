-- One row per table of the lake, as schema.table. From DuckLake's own tables, as its specification defines them: DuckDB's list of tables
-- estimates the rows of each, and its list of columns reads every view.
select schemas.schema_name || '.' || tables.table_name as table_name
from __ducklake_metadata_lake.ducklake_table as tables
inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
where tables.end_snapshot is null and schemas.end_snapshot is null;
