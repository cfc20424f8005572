-- What lake.raw holds of a stream, to be held against what Close shows.

-- name: all_ids
-- The ids of raw.{table} that Close has, as far as is known.
select id from lake.raw.{table} where _deleted_at is null;

-- name: ids
-- Those of $ids that raw.{table} has, and whether Close is known to have them no more.
select id, _deleted_at is not null as is_deleted
from lake.raw.{table}
where id in (select unnest($ids::varchar[]));

-- name: missing
-- What the comparison of raw.{table} that is under way did not find in Close, as far as nothing has explained it since.
select distinct stored.id
from lake.raw.{table} as stored
inner join lake.sync.missing as missing on missing.stream = '{table}' and missing.id = stored.id
where stored._deleted_at is null;

-- name: orphans
-- The rows of raw.{table} that Close has, as far as is known, though their lead was deleted or merged.
select stored.id
from lake.raw.{table} as stored
inner join lake.raw.leads as leads on stored.lead_id = leads.id
where stored._deleted_at is null and leads._deleted_at is not null;

-- name: living_rows
-- One row: how many rows of raw.{table} Close has, as far as is known.
select count(*) as rows from lake.raw.{table} where _deleted_at is null;

-- name: in_windows
-- The ids of raw.{table} that Close has, as far as is known, with date_created in one of some windows: from one of $starts on and before
-- the one of $ends at the same place; null is open.
with
windows as (
    select
        coalesce(unnest($starts::timestamptz[]), '-infinity') as window_start,
        coalesce(unnest($ends::timestamptz[]), 'infinity') as window_end
)
select distinct stored.id
from lake.raw.{table} as stored
inner join windows on stored.date_created >= windows.window_start and stored.date_created < windows.window_end
where stored._deleted_at is null;

-- name: boundaries
-- Every $rows-th date_created of raw.{table} after $after, null for all, oldest first.
select distinct date_created
from (
    select date_created, row_number() over (order by date_created) as place
    from lake.raw.{table}
    where _deleted_at is null and date_created > coalesce($after::timestamptz, '-infinity')
)
where place % $rows = 0
order by date_created;

-- name: of_leads
-- The ids of raw.{table} that Close has, as far as is known, and that belong to one of the leads $lead_ids.
select id
from lake.raw.{table}
where _deleted_at is null and lead_id in (select unnest($lead_ids::varchar[]));

-- name: in_month_activities
-- The ids of raw.{table} that Close has and that happened from $window_start on and before $window_end.
select id
from lake.raw.{table}
where _deleted_at is null and activity_at >= $window_start and activity_at < $window_end;

-- name: in_month_opportunities
-- The opportunities that Close has and that were won or lost in the month of $month (won: a date; lost: an instant in the window).
select id
from lake.raw.opportunities
where
    _deleted_at is null
    and (
        date_trunc('month', date_won) = $month
        or (date_lost >= $window_start and date_lost < $window_end)
    );

-- name: outdated
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
left join lake.raw.{table} as stored on stored.id = in_close.id and stored._deleted_at is null
where
    stored.id is null
    or stored.date_updated is distinct from in_close.date_updated
    or stored.lead_id is distinct from in_close.lead_id;

-- name: unknown_users
-- The users that rows of raw.{table} name and raw.users lacks.
select distinct user_id
from (
    select unnest([columns(name -> name in ('user_id', 'assigned_to', 'task_assigned_to'))]) as user_id
    from lake.raw.{table}
)
where user_id is not null and user_id not in (select id from lake.raw.users);

-- name: overdue_meetings
-- The meetings that began before $at, at most 14 days ago, and are not known to be over: their status moves by itself.
select id
from lake.raw.meetings
where
    _deleted_at is null
    and status in ('upcoming', 'in-progress')
    and starts_at between $at::timestamptz - interval 14 day and $at;

-- name: pending_lead_merges
-- The merges that were under way when last seen.
select id
from lake.raw.lead_merges
where _deleted_at is null and merge_status in ('pending', 'in_progress');

-- name: first_user
-- One row: when the account's first user joined Close; null where that is not known.
select min(date_created) as joined_at from lake.raw.users;

-- name: active_users
-- The users that were members when last read.
select id from lake.raw.users where is_active;

-- name: stages
-- Grain: opportunity status. What decides how its opportunities count.
select id, {'type': type, 'pipeline_id': pipeline_id} as stage
from lake.raw.opportunity_statuses
where _deleted_at is null;

-- name: organization_id
-- At most one row: the organisation whose rows the lake holds.
select id, name from lake.raw.organization where _deleted_at is null;
