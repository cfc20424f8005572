-- The ids of raw.{table} that Close has, as far as is known, with date_created from $window_start on and before $window_end; null is open.
select id
from raw.{table}
where
    _deleted_at is null
    and ($window_start::timestamptz is null or date_created >= $window_start)
    and ($window_end::timestamptz is null or date_created < $window_end);
