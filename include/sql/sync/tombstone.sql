-- Marks the rows of raw.{table} whose id is in $ids as deleted at $at.
update raw.{table}
set _deleted_at = $at
where id in (select unnest($ids::varchar[])) and _deleted_at is null;
