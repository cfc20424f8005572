-- One row: the first local month of the meetings that differ between $from and $to, as they were and as they are.
select cast(date_trunc('month', min(least(activity_at, date_created, starts_at)) at time zone $zone) as date) as month
from ducklake_table_changes('lake', 'raw', 'meetings', $from::bigint, $to::bigint);
