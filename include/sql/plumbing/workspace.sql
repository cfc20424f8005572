-- The workspace of a computation: a database in memory in which models find raw.* of one snapshot of the lake, settings.*, staging.* and
-- kpi.*. Each staging model is kept there once: queries would otherwise expand the lake's views, which build on one another, many times.

-- name: open
-- Names without a catalog mean the workspace, from here to the end of the connection. It is gone after the computation: compressing its
-- tables at a commit costs seconds and saves nothing.
set checkpoint_threshold = '1TB';
create schema memory.raw;
create schema memory.settings;
create schema memory.staging;
create schema memory.kpi;
use memory;

-- name: sync_views
-- Shows how far Close has been read.
create schema memory.sync;
create view memory.sync.complete as from lake.sync.complete;
create view memory.sync.loads as from lake.sync.loads;
create view memory.sync.streams as from lake.sync.streams;

-- name: all_cores
-- Queries run on as many threads as there are cores; a connection begins with one.
reset threads;

-- name: lake_bytes
-- One row: the size of the lake's data files.
select coalesce(sum(file_size_bytes), 0)::bigint as size from ducklake_table_info('lake');

-- name: choose_snapshot
-- $snapshot_id: the snapshot of the lake that the views of raw.* show.
set variable snapshot_id = $snapshot_id;

-- name: source_values
-- The values of the source field, whose id is $field: of a multi-value field the first one.
select distinct first_text(custom -> ('$."' || $field || '"')) as value
from memory.raw.leads
where value is not null;

-- name: raw_tables_then
-- The tables of schema raw that the lake had at the snapshot $at, and whether each has had a column added since.
select tables.table_name, bool_or(columns.begin_snapshot > $at) as has_new_columns
from __ducklake_metadata_lake.ducklake_table as tables
inner join __ducklake_metadata_lake.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
inner join __ducklake_metadata_lake.ducklake_column as columns on tables.table_id = columns.table_id
where
    schemas.schema_name = 'raw'
    and tables.begin_snapshot <= $at
    and (tables.end_snapshot is null or tables.end_snapshot > $at)
    and columns.end_snapshot is null
group by tables.table_name;

-- name: raw_view
-- Shows the lake's raw.{table} as of the chosen snapshot.
create view memory.raw.{table} as from lake.raw.{table} at (version => getvariable('snapshot_id'));

-- name: grown_raw_view
-- Shows the lake's raw.{table} as of the chosen snapshot; a column that it had not then is empty.
create view memory.raw.{table} as
from lake.raw.{table}
where false
union all by name
from lake.raw.{table} at (version => getvariable('snapshot_id'));

-- name: no_raw_view
-- Shows the lake's raw.{table}, which did not exist at the chosen snapshot, without rows.
create view memory.raw.{table} as from lake.raw.{table} where false;

-- name: raw_copy
-- Holds the rows of raw.{table} in memory from here on.
alter view memory.raw.{table} rename to {table}_of_lake;
create table memory.raw.{table} as from memory.raw.{table}_of_lake;

-- name: staging_table
-- Keeps a staging model; its SELECT follows.
create or replace table memory.staging.{table} as

-- name: staging_view
-- Leaves a staging model to be read where its rows lie; its SELECT follows.
create or replace view memory.staging.{table} as

-- name: kpi_table
-- Computes a KPI table; its SELECT follows.
create or replace table memory.kpi.{table} as

-- name: released_view
-- Shows a KPI table that readers see.
create view memory.kpi.{table} as from lake.kpi.{table};

-- name: past_days
-- Adds the days before this one to a table that keeps a picture of each day, in those of $columns, its own, that the lake's table has.
insert into memory.kpi.{table} by name
select columns(name -> list_contains($columns, name))
from lake.kpi.{table}
where day <> (select cast(timezone(timezone, as_of) as date) from memory.settings.run);

-- name: insight_months
-- Grain: month, user_id (null: the team). The completed months of the rep report as the insights read them, oldest first.
select
    month,
    user_id,
    rep,
    is_active,
    won_opportunities,
    lost_opportunities,
    close_rate,
    calls_per_decided,
    calls_per_working_day + emails_per_working_day as contacts_per_working_day,
    avg_deal_arr_cents
from (
    from memory.kpi.rep_monthly
    where user_id is not null
    union all by name
    select *, 'The team' as rep, true as is_active
    from memory.kpi.team_monthly
)
where not is_running
order by month, rep, user_id;

-- name: insights
-- Grain: insight, user_id (null: the team). $rows: a list of insights.
create or replace table memory.kpi.insights as
select unnest($rows::struct(
    insight varchar, user_id varchar, n bigint, estimate double, low double, high double, verdict varchar, sentence varchar
)[], recursive := true);

-- name: warnings
-- Grain: rule. How many records each warning lists.
select rule, count(*) as records from memory.kpi.data_quality group by rule order by rule;
