-- Shows the lake's raw.{table} as of a snapshot (see set_snapshot) in the workspace.
create view memory.raw.{table} as from lake.raw.{table} at (version => getvariable('snapshot_id'));
