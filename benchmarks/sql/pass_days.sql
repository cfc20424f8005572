-- Days pass for a lake: its snapshots, and the files that wait for their deletion, are $days days older.
update __ducklake_metadata_lake.ducklake_snapshot
set snapshot_time = (snapshot_time::timestamptz - to_days($days::integer))::varchar
where true;
update __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion
set schedule_start = (schedule_start::timestamptz - to_days($days::integer))::varchar
where true;
