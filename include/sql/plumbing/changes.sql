-- What is new in the lake since the numbers that readers see were computed.

-- name: oldest_snapshot
-- One row: the oldest snapshot that the lake still has.
select min(snapshot_id) as oldest from ducklake_snapshots('lake');

-- name: tables
-- One row per table of schema raw that any snapshot from $from to $to names among its changes: by its id, or as schema.table.
with
mentions as (
    select unnest(flatten(map_values(changes))) as mention
    from ducklake_snapshots('lake')
    -- The care of the lake writes tables anew without changing a record.
    where snapshot_id between $from and $to and author is distinct from 'lake_maintenance'
)
select distinct tables.table_name
from mentions
inner join __ducklake_metadata_lake.ducklake_table as tables
    on mentions.mention = tables.table_id::varchar or mentions.mention = 'raw.' || tables.table_name
inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
where schemas.schema_name = 'raw';
