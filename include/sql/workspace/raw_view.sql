-- Shows the lake's raw.{table} in the workspace.
create or replace view memory.raw.{table} as from lake.raw.{table};
