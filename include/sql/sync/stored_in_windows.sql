-- The ids of raw.{table} that Close has, as far as is known, with date_created in one of some windows: from one of $starts on and before
-- the one of $ends at the same place; null is open.
with
windows as (
    select
        coalesce(unnest($starts::timestamptz[]), '-infinity') as window_start,
        coalesce(unnest($ends::timestamptz[]), 'infinity') as window_end
)
select distinct stored.id
from raw.{table} as stored
inner join windows on stored.date_created >= windows.window_start and stored.date_created < windows.window_end
where stored._deleted_at is null;
