-- The model of all leads: kept rows of the leads that have not changed, and the rows of those that have.
create view memory.staging.{table} as
select kept.*
from lake.incremental.{table} as kept
anti join memory.incremental.changed_leads as changed on kept.lead_id = changed.lead_id
union all by name
select * from memory.incremental.{table};
