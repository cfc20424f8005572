-- Shows the lake's raw.{table} in the workspace.
create view memory.raw.{table} as from lake.raw.{table};
