-- Keeps a KPI table of the workspace for the checks.
create or replace table candidate.{table} as from memory.kpi.{table};
