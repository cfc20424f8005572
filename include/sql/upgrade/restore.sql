-- Puts the rows that were set aside back into kpi.{table}, in those of their columns that it has ($columns).
insert into kpi.{table} by name
select columns(name -> list_contains($columns, name))
from temp.kept;
