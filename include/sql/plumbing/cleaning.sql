-- What failed writes leave in the lake's data path: files that no commit tells of.

-- name: created_at
-- At most one row: since when there is this lake.
select created_at from lake.sync.identity;

-- name: orphans
-- One row per Parquet file below the data path that the catalog has no path of, last written before $before. is_known: it has a file of
-- that name, so that the paths do not compare; is_foreign: no file of DuckLake's is called so, or it was last written before $created_at,
-- when the lake was created.
with
known as (
    select path from __ducklake_metadata_lake.ducklake_data_file
    union all
    select path from __ducklake_metadata_lake.ducklake_delete_file
    union all
    select path from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion
),
older as (
    select path from ducklake_delete_orphaned_files('lake', dry_run => true, older_than => $created_at)
)
select
    orphans.path,
    parse_filename(orphans.path) in (select parse_filename(path) from known) as is_known,
    orphans.path in (select path from older)
    or not regexp_full_match(parse_filename(orphans.path), 'ducklake-[0-9a-f-]{36}(-delete)?[.]parquet') as is_foreign
from ducklake_delete_orphaned_files('lake', dry_run => true, older_than => $before) as orphans;

-- name: delete_orphans
-- Deletes the files that the catalog does not know, last written before $before, and tells their paths.
select path from ducklake_delete_orphaned_files('lake', dry_run => false, older_than => $before);
