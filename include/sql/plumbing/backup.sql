-- The backup of what nobody can compute again: what was published, what it restated, the pipeline's past days. Each copy is a folder with a
-- Parquet file a table, and one that tells how many rows each has; $copy_id stands in every row, so that a copy of which a part was
-- written only is told from a whole one.

-- name: lake_id
-- At most one row: which lake this is.
select lake_id from lake.sync.identity;

-- name: publishes
-- Copies the publishes to the file $path.
copy (select *, $copy_id::varchar as copy_id from lake.published.publishes order by publish_id) to $path (format parquet);

-- name: kpi_values
-- Copies the values as published to the file $path.
copy (
    select *, $copy_id::varchar as copy_id from lake.published.kpi_values order by publish_id, tab, month, entity, kpi
) to $path (format parquet);

-- name: restatements
-- Copies the restatements to the file $path.
copy (
    select *, $copy_id::varchar as copy_id from lake.kpi.restatements order by publish_id, tab, month, entity, kpi
) to $path (format parquet);

-- name: computations
-- Copies the released computations, which say by which settings the published numbers came about, to the file $path.
copy (select *, $copy_id::varchar as copy_id from lake.kpi.computations order by computed_at) to $path (format parquet);

-- name: pipeline_daily
-- Copies the open pipeline of each day to the file $path.
copy (
    select *, $copy_id::varchar as copy_id from lake.kpi.pipeline_daily order by day, pipeline, status
) to $path (format parquet);

-- name: digests
-- Copies the record of the digests to the file $path.
copy (select *, $copy_id::varchar as copy_id from lake.published.digests order by claimed_at, recipient) to $path (format parquet);

-- name: made
-- Tells in the file $path what the copy holds: $rows of each of $tables.
copy (
    select
        $copy_id::varchar as copy_id,
        $lake_id::varchar as lake_id,
        $made_at::timestamptz as made_at,
        unnest($tables::varchar[]) as table_name,
        unnest($rows::bigint[]) as rows
) to $path (format parquet);

-- name: contents
-- One row per table of the copy that the file $path tells of.
select copy_id, lake_id, made_at, table_name, rows from read_parquet($path);

-- name: rows_of
-- One row: how many rows of the copy $copy_id the file $path has, and how many of others.
select count(*) filter (copy_id = $copy_id) as rows, count(*) filter (copy_id <> $copy_id) as others from read_parquet($path);

-- name: published_before
-- One row: how often the lake has published.
select count(*) as publishes from lake.published.publishes;

-- name: forget_published
-- Makes room for what another lake published.
delete from lake.published.publishes;
delete from lake.published.kpi_values;
delete from lake.kpi.restatements;

-- name: restore_publishes
-- Adds the publishes of the file $path.
insert into lake.published.publishes by name select * exclude (copy_id) from read_parquet($path);

-- name: restore_kpi_values
-- Adds the values as published of the file $path.
insert into lake.published.kpi_values by name select * exclude (copy_id) from read_parquet($path);

-- name: restore_restatements
-- Adds the restatements of the file $path.
insert into lake.kpi.restatements by name select * exclude (copy_id) from read_parquet($path);

-- name: restore_computations
-- Adds the computations of the file $path. Their snapshots were another lake's: -2 is one that comes before all that this lake has.
insert into lake.kpi.computations by name
select * exclude (copy_id) replace (-2 as snapshot_id)
from read_parquet($path)
where computation_id not in (select computation_id from lake.kpi.computations);

-- name: restore_all_pipeline_daily
-- Makes the open pipeline of each day what the file $path has.
create table lake.kpi.pipeline_daily as select * exclude (copy_id) from read_parquet($path);

-- name: restore_pipeline_daily
-- Adds the days of the file $path that the lake has no picture of.
insert into lake.kpi.pipeline_daily by name
select * exclude (copy_id) from read_parquet($path)
where day not in (select day from lake.kpi.pipeline_daily);

-- name: restore_digests
-- Adds the record of the digests of the file $path that the lake has none of: what was sent once is not sent again.
insert into lake.published.digests by name
select * exclude (copy_id)
from read_parquet($path)
where (audience, period, kind, transport, recipient) not in (
    select (audience, period, kind, transport, recipient) from lake.published.digests
);
