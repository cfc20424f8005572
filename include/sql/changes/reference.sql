-- One row: whether raw.{table} differs between $from and $to in more than time stamps.
with
changed as (
    select * exclude (snapshot_id, rowid, _synced_at)
        replace (change_type in ('insert', 'update_postimage') as change_type)
    from (
        select columns(name -> name not in ('date_created', 'date_updated'))
        from ducklake_table_changes('lake', 'raw', '{table}', $from::bigint, $to::bigint)
    )
),
net as (
    (select * exclude (change_type) from changed where change_type except select * exclude (change_type) from changed where not change_type)
    union all
    (select * exclude (change_type) from changed where not change_type except select * exclude (change_type) from changed where change_type)
)
select count(*) > 0 as differs from net;
