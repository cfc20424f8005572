-- What the lake itself consists of, from DuckLake's own tables as its specification defines them.

-- name: existing_tables
-- One row per table of the lake, as schema.table. From DuckLake's own tables, as its specification defines them: DuckDB's list of tables
-- estimates the rows of each, and its list of columns reads every view.
select schemas.schema_name || '.' || tables.table_name as table_name
from __ducklake_metadata_lake.ducklake_table as tables
inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
where tables.end_snapshot is null and schemas.end_snapshot is null;

-- name: schemas
-- The lake's schemas.
create schema if not exists lake.raw;
create schema if not exists lake.sync;
create schema if not exists lake.settings;
create schema if not exists lake.staging;
create schema if not exists lake.kpi;
create schema if not exists lake.published;

-- name: columns
-- One row per column of raw.{table}: its name and type, in order.
select name as column_name, type as data_type
from pragma_table_info('lake.raw.{table}')
order by cid;
