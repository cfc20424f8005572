-- One row per table that any snapshot from $from to $to names among its changes, and maybe others: a table is named by its id, or
-- as schema.table.
with
mentions as (
    select unnest(flatten(map_values(changes))) as mention
    from ducklake_snapshots('lake')
    where snapshot_id between $from and $to
)
select distinct info.table_name
from mentions
inner join ducklake_table_info('lake') as info
    on mentions.mention = info.table_id::varchar or mentions.mention like '%.' || info.table_name;
