-- At most one row: what the last publish showed and what the KPI tables hold now: the snapshots of the lake that both were computed
-- from, their settings and models, the instant and the local day of the last publish's numbers; the oldest snapshot that the lake has.
with
last_publish as (
    select computation_id
    from published.publishes
    order by publish_id desc
    limit 1
),
present as (
    select snapshot_id, settings, models_hash, as_of
    from kpi.computations
    order by computed_at desc, snapshot_id desc
    limit 1
)
select
    last_shown.snapshot_id as since_snapshot,
    present.snapshot_id as until_snapshot,
    (select min(snapshot_id) from ducklake_snapshots('lake')) as oldest_snapshot,
    last_shown.settings as settings_before,
    present.settings as settings,
    last_shown.models_hash <> present.models_hash as models_have_changed,
    last_shown.as_of as since,
    cast(timezone(present.settings ->> 'timezone', last_shown.as_of) as date) as since_day
from last_publish
inner join kpi.computations as last_shown using (computation_id)
cross join present;
