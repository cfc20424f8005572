-- The ids of raw.{table} that Close has, as far as is known, and that belong to one of the leads $lead_ids.
select id
from raw.{table}
where _deleted_at is null and lead_id in (select unnest($lead_ids::varchar[]));
