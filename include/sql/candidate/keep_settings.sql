-- Keeps a settings table of the workspace for the checks.
create or replace table candidate.{table} as from memory.settings.{table};
