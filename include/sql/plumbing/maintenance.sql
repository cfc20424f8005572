-- The weekly care of a lake: tables of many small files are written anew, snapshots that nobody needs expire, their files go.
-- DuckLake's own ducklake_rewrite_data_files and ducklake_merge_adjacent_files (1.5.5) change what earlier snapshots and the change feed
-- say of a table with deleted rows; deleting all rows and inserting them again does not.

-- name: keep_in_files
-- Rows of raw.* are stored in files, however few: a file of which the last rows are deleted by a note in the catalog would stay for ever.
call ducklake_set_option('lake', 'data_inlining_row_limit', 0, schema => 'raw');

-- name: worn
-- One row per table that is to be written anew, as schema and table, with its bytes: it lies in $few files or as many commits have
-- written to it since it was written anew last, and it is no larger than $small_bytes; or it lies in $many files.
with
written as (
    select distinct snapshot_id, author, unnest(flatten(map_values(changes))) as mention
    from ducklake_snapshots('lake')
),
tables as (
    select tables.table_id, schemas.schema_name, tables.table_name
    from __ducklake_metadata_lake.ducklake_table as tables
    inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
    where tables.end_snapshot is null and schemas.end_snapshot is null
),
commits as (
    select tables.table_id, written.snapshot_id, written.author is not distinct from $author as is_ours
    from written
    inner join tables on written.mention = tables.table_id::varchar
),
since as (
    select table_id, coalesce(max(snapshot_id) filter (is_ours), -1) as snapshot_id from commits group by table_id
),
written_to as (
    select commits.table_id, count(*) as commits
    from commits
    inner join since on commits.table_id = since.table_id and commits.snapshot_id > since.snapshot_id
    group by commits.table_id
),
files as (
    select table_id, count(*) as files, sum(file_size_bytes) as bytes
    from (
        select table_id, file_size_bytes from __ducklake_metadata_lake.ducklake_data_file where end_snapshot is null
        union all
        -- Those of a file that is read no more have no end themselves.
        select deletes.table_id, deletes.file_size_bytes
        from __ducklake_metadata_lake.ducklake_delete_file as deletes
        inner join __ducklake_metadata_lake.ducklake_data_file as data
            on deletes.data_file_id = data.data_file_id and data.end_snapshot is null
        where deletes.end_snapshot is null
    )
    group by table_id
)
select tables.schema_name, tables.table_name, coalesce(files.bytes, 0)::bigint as bytes
from tables
left join written_to on tables.table_id = written_to.table_id
left join files on tables.table_id = files.table_id
where
    (greatest(written_to.commits, files.files) >= $few and coalesce(files.bytes, 0) <= $small_bytes)
    or files.files >= $many
order by tables.schema_name, tables.table_name;

-- name: sign
-- The commit of this transaction is the care's own: it changes no record.
call ducklake_set_commit_message('lake', $author, 'written anew; no row has changed');

-- name: rewrite
-- Writes {table} anew, which is told with its schema.
create or replace temp table rewritten as from lake.{table};
delete from lake.{table};
insert into lake.{table} from temp.rewritten;
drop table temp.rewritten;

-- name: needed_complete
-- One row: the oldest snapshot that a computation may read: of the newest complete state of before $before, or one recorded since.
select min(snapshot_id) as snapshot_id
from (
    (select snapshot_id from lake.sync.complete where recorded_at <= $before order by snapshot_id desc limit 1)
    union all
    select snapshot_id from lake.sync.complete where recorded_at > $before
);

-- name: needed_released
-- One row: the oldest snapshot that explain, and the question what has changed, may read: that of the newest release of before $before, or
-- of one since.
select min(snapshot_id) as snapshot_id
from (
    (
        select snapshot_id
        from lake.kpi.computations
        where computed_at <= $before and snapshot_id >= 0
        order by computed_at desc, snapshot_id desc
        limit 1
    )
    union all
    select snapshot_id from lake.kpi.computations where computed_at > $before and snapshot_id >= 0
);

-- name: needed_published
-- One row: the oldest snapshot that the causes of restatements may be read from: that of the newest publish of before $before, or of one
-- since. All later snapshots are kept with it.
with
published as (
    select publishes.publish_id, publishes.published_at, computations.snapshot_id
    from lake.published.publishes as publishes
    inner join lake.kpi.computations as computations on publishes.computation_id = computations.computation_id
    where computations.snapshot_id >= 0
)
select min(snapshot_id) as snapshot_id
from (
    (select snapshot_id from published where published_at <= $before order by publish_id desc limit 1)
    union all
    select snapshot_id from published where published_at > $before
);

-- name: needed_candidate
-- One row: the snapshot of the computation that waits for its checks.
select min(snapshot_id) as snapshot_id from lake.candidate.computation;

-- name: expirable
-- One row per snapshot older than $before, and before the oldest $needed (null: before the newest of all), oldest first.
select snapshot_id
from ducklake_snapshots('lake')
where
    snapshot_time < $before::timestamptz
    and snapshot_id < coalesce($needed::bigint, (select max(snapshot_id) from ducklake_snapshots('lake')))
order by snapshot_id;

-- name: expire
-- Forgets the snapshots $versions; files that no other one reads are noted for deletion.
select count(*) as expired from ducklake_expire_snapshots('lake', versions => $versions::ubigint[]);

-- name: delete_files
-- Deletes the files that were noted for deletion before $before, and tells their paths.
select path from ducklake_cleanup_old_files('lake', older_than => $before::timestamptz);

-- name: size
-- One row: how many snapshots the lake has, and how many files its catalog tells of, those noted for deletion among them.
select
    (select count(*) from __ducklake_metadata_lake.ducklake_snapshot) as snapshots,
    (select count(*) from __ducklake_metadata_lake.ducklake_data_file)
    + (select count(*) from __ducklake_metadata_lake.ducklake_delete_file)
    + (select count(*) from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion) as files;
