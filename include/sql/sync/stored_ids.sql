-- Those of $ids that raw.{table} has, and whether Close is known to have them no more.
select id, _deleted_at is not null as is_deleted
from raw.{table}
where id in (select unnest($ids::varchar[]));
