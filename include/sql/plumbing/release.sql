-- From a computation to what readers see: numbers wait in the schema lake.candidate for their checks, and are copied to lake.kpi and
-- lake.settings in one transaction once all of them have passed. lake.kpi.computations records each release.

-- name: schema
create schema if not exists lake.candidate;

-- name: candidate_columns
-- One row per table of the candidate: its columns, as name and DuckDB type, in order; a type that no table of ours has is null.
select
    tables.table_name,
    list(
        (
            columns.column_name,
            map {
                'boolean': 'BOOLEAN',
                'int32': 'INTEGER',
                'int64': 'BIGINT',
                'float64': 'DOUBLE',
                'varchar': 'VARCHAR',
                'json': 'JSON',
                'date': 'DATE',
                'timestamptz': 'TIMESTAMP WITH TIME ZONE'
            }[columns.column_type]
        )
        order by columns.column_order
    ) as columns
from __ducklake_metadata_lake.ducklake_table as tables
inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
inner join __ducklake_metadata_lake.ducklake_column as columns on tables.table_id = columns.table_id
where
    schemas.schema_name = 'candidate'
    and tables.end_snapshot is null
    and schemas.end_snapshot is null
    and columns.end_snapshot is null
    and columns.parent_column is null
group by tables.table_name;

-- name: keep_kpi
-- Keeps a KPI table of the workspace for the checks, in a table of the candidate that has its columns.
delete from lake.candidate.{table};
insert into lake.candidate.{table} by name from memory.kpi.{table};

-- name: keep_new_kpi
-- Keeps a KPI table of the workspace for the checks, in a new table of the candidate: the catalog remembers each table that ever was.
create or replace table lake.candidate.{table} as from memory.kpi.{table};

-- name: keep_settings
-- Keeps a settings table of the workspace for the checks, in a table of the candidate that has its columns.
delete from lake.candidate.{table};
insert into lake.candidate.{table} by name from memory.settings.{table};

-- name: keep_new_settings
-- Keeps a settings table of the workspace for the checks, in a new table of the candidate: the catalog remembers each table that ever was.
create or replace table lake.candidate.{table} as from memory.settings.{table};

-- name: keep_staging
-- Keeps a staging model that a check compares the KPI tables with, in a table of the candidate that has its columns.
delete from lake.candidate.{table};
insert into lake.candidate.{table} by name from memory.staging.{table};

-- name: keep_new_staging
-- Keeps a staging model that a check compares the KPI tables with, in a new table of the candidate.
create or replace table lake.candidate.{table} as from memory.staging.{table};

-- name: computation
-- One row: the computation that the tables of the schema candidate come from.
create table if not exists lake.candidate.computation (
    computation_id varchar,
    computed_at timestamptz,
    as_of timestamptz,
    snapshot_id bigint,
    settings_hash varchar,
    models_hash varchar,
    run_id varchar,
    settings json
);
delete from lake.candidate.computation;
insert into lake.candidate.computation by name
select
    $computation_id::varchar as computation_id,
    $computed_at::timestamptz as computed_at,
    $as_of::timestamptz as as_of,
    $snapshot_id::bigint as snapshot_id,
    $settings_hash::varchar as settings_hash,
    $models_hash::varchar as models_hash,
    $run_id::varchar as run_id,
    $settings::json as settings;

-- name: candidate_id
-- One row: which computation the candidate comes from.
select computation_id from lake.candidate.computation;

-- name: show_kpi
-- Shows a table of the candidate under the name that the checks know.
create view memory.kpi.{table} as from lake.candidate.{table};

-- name: show_settings
-- Shows a table of the candidate under the name that the checks know.
create view memory.settings.{table} as from lake.candidate.{table};

-- name: show_staging
-- Shows a table of the candidate under the name that the checks know.
create view memory.staging.{table} as from lake.candidate.{table};

-- name: other_columns
-- One row per table of the candidate whose columns are not those of the table that readers see, with the schema of that one.
with
columns as (
    select
        schemas.schema_name,
        tables.table_name,
        list((columns.column_name, columns.column_type) order by columns.column_order) as columns
    from __ducklake_metadata_lake.ducklake_table as tables
    inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
    inner join __ducklake_metadata_lake.ducklake_column as columns on tables.table_id = columns.table_id
    where
        tables.end_snapshot is null
        and schemas.end_snapshot is null
        and columns.end_snapshot is null
        and columns.parent_column is null
    group by schemas.schema_name, tables.table_name
)
select seen.schema_name, seen.table_name
from columns as seen
inner join columns as candidate on seen.table_name = candidate.table_name and candidate.schema_name = 'candidate'
where seen.schema_name in ('kpi', 'settings') and seen.columns <> candidate.columns;

-- name: has_other_settings
-- One row: whether the candidate comes from other settings or models than what readers see.
select (settings_hash, models_hash) is distinct from (
    select (settings_hash, models_hash)
    from lake.kpi.computations
    where snapshot_id >= 0
    order by computed_at desc, snapshot_id desc
    limit 1
) as has_other_settings
from lake.candidate.computation;

-- name: create_kpi
-- Gives a KPI table the columns and rows of the candidate.
create or replace table lake.kpi.{table} as from lake.candidate.{table};

-- name: fill_kpi
-- Gives a KPI table the rows of the candidate.
delete from lake.kpi.{table};
insert into lake.kpi.{table} by name from lake.candidate.{table};

-- name: create_settings
-- Gives a settings table the columns and rows of the candidate.
create or replace table lake.settings.{table} as from lake.candidate.{table};

-- name: fill_settings
-- Gives a settings table the rows of the candidate.
delete from lake.settings.{table};
insert into lake.settings.{table} by name from lake.candidate.{table};

-- name: staging_columns
-- Stands for a staging model until the models that read it are views; its SELECT follows, with no row.
create table lake.staging.{table} as

-- name: drop_staging_columns
-- Makes room for the view of a staging model.
drop table lake.staging.{table};

-- name: staging_view
-- Shows a staging model to readers; its SELECT follows.
create view lake.staging.{table} as

-- name: views
-- At most one row: of which models the lake shows the staging views.
select models_hash from lake.sync.views;

-- name: put_views
-- The lake shows the staging views of the models $models_hash.
delete from lake.sync.views;
insert into lake.sync.views (models_hash) values ($models_hash);

-- name: empty_staging
-- Makes room for the staging models of this version.
drop schema lake.staging cascade;
create schema lake.staging;

-- name: computations
-- Grain: computation_id. Each computation whose numbers passed every check and were released: the data it saw (as_of, snapshot_id of the
-- lake; below 0 one of a lake before), by which settings (names resolved to ids) and models.
create table if not exists lake.kpi.computations (
    computation_id varchar not null,
    computed_at timestamptz not null,
    as_of timestamptz not null,
    snapshot_id bigint not null,
    settings_hash varchar not null,
    models_hash varchar not null,
    run_id varchar,
    settings json not null
);

-- name: record
-- Records that the candidate was released.
insert into lake.kpi.computations by name from lake.candidate.computation;

-- name: is_released
-- One row: whether the computation $computation_id was released before.
select count(*) > 0 as is_released from lake.kpi.computations where computation_id = $computation_id;

-- name: last
-- At most one row: the computation that readers see.
select computation_id, as_of, snapshot_id, settings_hash, models_hash
from lake.kpi.computations
where snapshot_id >= 0
order by computed_at desc, snapshot_id desc
limit 1;

-- name: warnings
-- Grain: rule. How many records each warning lists.
select rule, count(*) as records from lake.kpi.data_quality group by rule order by rule;
