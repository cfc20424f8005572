-- Keeps a model of all leads.
create or replace table incremental.{table} as
from memory.staging.{table}
where lead_id is not null;
