-- Keeps a staging model of the workspace that a check compares the KPI tables with.
create or replace table candidate.{table} as from memory.staging.{table};
