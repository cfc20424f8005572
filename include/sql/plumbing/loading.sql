-- From rows read from Close, spooled to a file, to lake.raw.{table}: a merge by id.

-- name: incoming
-- The rows of one read, shaped as the raw table they are for; _position is their order in the read.
create or replace temp table incoming as
select *, 0::bigint as _position
from lake.raw.{table}
limit 0;

-- name: spool
-- Fills temp.incoming from $spool, a file with one JSON object a line, whose columns and types are $columns.
insert into temp.incoming by name
select *, $synced_at::timestamptz as _synced_at
from read_json($spool, format = 'newline_delimited', columns = $columns, maximum_object_size = 67108864);

-- name: applied
-- One row per id of temp.incoming that changes raw.{table}: the read that wins, and whether the id is new.
-- The newest date_updated wins, the later read on a tie; a row equal to the stored one changes nothing.
create or replace temp table applied as
with
incoming as (
    -- Gives tables without a date_updated one that is always null.
    select null::timestamptz as date_updated where false
    union all by name
    select * from temp.incoming
),
newest as (
    select id, date_updated, _position
    from incoming
    qualify row_number() over (partition by id order by date_updated desc nulls last, _position desc) = 1
),
stored as (
    select null::timestamptz as date_updated where false
    union all by name
    select * from lake.raw.{table} where id in (select id from newest)
),
differing as (
    select * exclude (_synced_at, _position) from temp.incoming semi join newest using (id, _position)
    except
    select * exclude (_synced_at) from lake.raw.{table} where id in (select id from newest)
)
select newest.id, newest._position, stored.id is null as is_new
from newest
left join stored on stored.id = newest.id
where
    newest.id in (select id from differing)
    and (newest.date_updated >= stored.date_updated or newest.date_updated is null or stored.date_updated is null);

-- name: merge_counts
-- One row: distinct ids read, of these new in the table, of these changed in the table.
select
    (select count(distinct id) from temp.incoming) as read,
    (select count(*) filter (where is_new) from temp.applied) as inserted,
    (select count(*) filter (where not is_new) from temp.applied) as updated;

-- name: merge
-- Writes the rows that temp.applied chose from temp.incoming to raw.{table}.
merge into lake.raw.{table} as stored
using (select incoming.* exclude (_position) from temp.incoming semi join temp.applied using (id, _position)) as incoming
on stored.id = incoming.id
when matched then update by name
when not matched then insert by name;

-- name: tombstone
-- Marks the rows of raw.{table} whose id is in $ids as deleted at $at.
update lake.raw.{table}
set _deleted_at = $at
where id in (select unnest($ids::varchar[])) and _deleted_at is null;

-- name: mark_merged
-- Notes for a lead that is gone which lead took it over.
update lake.raw.leads
set _merged_into = $destination
where id = $source and _merged_into is distinct from $destination;
