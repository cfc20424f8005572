-- Grain: computed_at. Each computation of the KPI tables: the data it saw (as_of, snapshot_id of the lake), by which settings and
-- models, and the first month that it computed anew.
create table if not exists kpi.computations (
    computed_at timestamptz not null,
    as_of timestamptz not null,
    snapshot_id bigint not null,
    settings_hash varchar not null,
    models_hash varchar not null,
    from_month date not null,
    run_id varchar
);
