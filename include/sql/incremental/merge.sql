-- Puts the changed leads' rows of a model in the place of those that were kept.
delete from incremental.{table} where lead_id in (select lead_id from memory.incremental.changed_leads);

insert into incremental.{table} by name
from memory.incremental.{table}
where lead_id is not null;
