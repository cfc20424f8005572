-- One row: the snapshot of the lake that this transaction reads.
select max(snapshot_id) as snapshot_id from ducklake_snapshots('lake');
