-- One row: the newest snapshot of the lake, and the oldest that it still has.
select max(snapshot_id) as newest, min(snapshot_id) as oldest from ducklake_snapshots('lake');
