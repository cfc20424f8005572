-- A table of the model of all leads, which many read: the view would join its rows for each reader.
create table memory.staging.{table} as
select kept.*
from lake.incremental.{table} as kept
anti join memory.incremental.changed_leads as changed on kept.lead_id = changed.lead_id
union all by name
select * from memory.incremental.{table};
