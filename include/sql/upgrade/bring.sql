-- Brings the rows of the lake's kpi.{table} into the workspace, in those of its columns that it has ($columns).
insert into memory.kpi.{table} by name
select columns(name -> list_contains($columns, name))
from lake.kpi.{table};
