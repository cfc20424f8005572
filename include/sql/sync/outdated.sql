-- The ids among $ids that raw.{table} lacks or has in another version: $updated and $leads are the date_updated and the lead_id that Close
-- has at the same places.
with
in_close as (
    select
        unnest($ids::varchar[]) as id,
        unnest($updated::timestamptz[]) as date_updated,
        unnest($leads::varchar[]) as lead_id
)
select in_close.id
from in_close
left join raw.{table} as stored on stored.id = in_close.id and stored._deleted_at is null
where
    stored.id is null
    or stored.date_updated is distinct from in_close.date_updated
    or stored.lead_id is distinct from in_close.lead_id;
