-- One row: the first month that the mere passing of time since the last computation can change: the month of a meeting without a
-- status that has ended since. Null: none.
select min(cast(date_trunc('month', timezone($timezone, starts_at)) as date)) as month
from raw.meetings
where status is null and ends_at > $last_as_of and ends_at <= $as_of;
