-- Brings the rows that readers see now into the workspace: months before from_month, and earlier days, stay as they are.
insert into memory.kpi.{table} by name from lake.kpi.{table};
