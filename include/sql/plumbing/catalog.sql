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

-- name: data_path
-- One row: where the lake's files lay when its catalog was last told.
select value as data_path from __ducklake_metadata_lake.ducklake_metadata where key = 'data_path';

-- name: put_data_path
-- The lake's files lie in $data_path from now on.
update __ducklake_metadata_lake.ducklake_metadata set value = $data_path where key = 'data_path';

-- name: newest_files
-- At most ten rows: the newest data files that the lake reads, below its data path. A file that was added from elsewhere, whose path is
-- absolute, is none of them.
select schemas.path || tables.path || files.path as path
from __ducklake_metadata_lake.ducklake_data_file as files
inner join __ducklake_metadata_lake.ducklake_table as tables on files.table_id = tables.table_id and tables.end_snapshot is null
inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id and schemas.end_snapshot is null
where files.end_snapshot is null and files.path_is_relative and tables.path_is_relative and schemas.path_is_relative
order by files.data_file_id desc
limit 10;

-- name: files
-- The files that match $pattern.
select file from glob($pattern);

-- name: put_identity
-- Names a lake that has no name yet. One of an earlier version is as old as its first snapshot.
insert into lake.sync.identity (lake_id, created_at)
select uuid()::varchar, min(snapshot_time)
from ducklake_snapshots('lake')
having not exists (from lake.sync.identity);
