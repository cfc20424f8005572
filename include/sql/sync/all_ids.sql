-- The ids of raw.{table} that Close has, as far as is known.
select id from raw.{table} where _deleted_at is null;
