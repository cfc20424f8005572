-- Grain: computation_id. Each computation whose numbers passed every check and were released to kpi.*: the data it saw (as_of,
-- snapshot_id of the lake), by which settings (names resolved to ids) and models, and the first month that it computed anew.
create table if not exists kpi.computations (
    computation_id varchar not null,
    computed_at timestamptz not null,
    as_of timestamptz not null,
    snapshot_id bigint not null,
    settings_hash varchar not null,
    models_hash varchar not null,
    from_month date not null,
    run_id varchar,
    settings json not null
);
