-- The ids of raw.{table} that Close has and that happened from $window_start on and before $window_end.
select id
from raw.{table}
where _deleted_at is null and activity_at >= $window_start and activity_at < $window_end;
