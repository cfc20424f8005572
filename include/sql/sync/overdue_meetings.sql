-- The meetings that began before $at, at most 14 days ago, and are not known to be over: their status moves by itself.
select id
from raw.meetings
where
    _deleted_at is null
    and status in ('upcoming', 'in-progress')
    and starts_at between $at::timestamptz - interval 14 day and $at;
