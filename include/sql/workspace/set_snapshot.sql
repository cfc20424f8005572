-- $snapshot_id: the snapshot of the lake that raw_view_at shows.
set variable snapshot_id = $snapshot_id;
