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
    select * from raw.{table} where id in (select id from newest)
),
differing as (
    select * exclude (_synced_at, _position) from temp.incoming semi join newest using (id, _position)
    except
    select * exclude (_synced_at) from raw.{table} where id in (select id from newest)
)
select newest.id, newest._position, stored.id is null as is_new
from newest
left join stored on stored.id = newest.id
where
    newest.id in (select id from differing)
    and (newest.date_updated >= stored.date_updated or newest.date_updated is null or stored.date_updated is null);
