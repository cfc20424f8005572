-- The record of what was published: tables of lake.published, and the restatements in lake.kpi.

-- name: publishes
-- Grain: publish_id. Each publish of the workbook: when, as of which instant, by which run, where to, and how much was written.
-- computation_id: the row of kpi.computations whose numbers it showed.
create table if not exists lake.published.publishes (
    publish_id bigint not null,
    published_at timestamptz not null,
    as_of timestamptz not null,
    computation_id varchar not null,
    run_id varchar not null,
    spreadsheet_id varchar not null,
    url varchar not null,
    requests bigint not null,
    cells bigint not null,
    bytes bigint not null
);

-- name: kpi_values
-- Grain: publish_id, tab, month, entity, kpi. The values as published, each from the publish on that first showed it: a publish adds
-- only what differs from before. What stood in the workbook after publish p is, for each tab, month, entity and kpi, the row with
-- the largest publish_id up to p.
-- month: null for all-time values. entity: the user's id, the source, or Total; value: in the unit of the table of schema kpi, null
-- once it is no longer shown. is_running: whether the month was still running.
create table if not exists lake.published.kpi_values (
    publish_id bigint not null,
    tab varchar not null,
    month date,
    entity varchar not null,
    kpi varchar not null,
    value double,
    is_running boolean not null
);

-- name: restatements
-- Grain: publish_id, tab, month, entity, kpi. Each value of a completed month that a publish showed otherwise than the publish before.
-- entity: the user's id, Unassigned, Team, the source, or Total; name: what readers call it. before, after: in the unit of the table of
-- schema kpi, null where nothing was shown. is_to_date: what has become of a month's leads to date, which moves on with their deals.
-- cause: what changed underneath, in words; the counts are of the records that bear on the value, null where the lake cannot tell.
create table if not exists lake.kpi.restatements (
    publish_id bigint not null,
    restated_at timestamptz not null,
    run_id varchar not null,
    tab varchar not null,
    month date not null,
    entity varchar not null,
    name varchar not null,
    kpi varchar not null,
    before double,
    after double,
    is_to_date boolean not null,
    cause varchar not null,
    records_added bigint,
    records_changed bigint,
    records_deleted bigint,
    records_merged bigint
);

-- name: next_publish_id
-- One row: the number of the next publish.
select coalesce(max(publish_id), 0) + 1 as publish_id
from lake.published.publishes;

-- name: compared
-- Grain: tab, month, entity, kpi. The values in the workbook now beside those published last, where they differ.
-- shown_values: the values in the workbook now, given by the program with the columns of published.kpi_values but publish_id.
-- was_completed: some value of the month was published when the month was over, and the KPI had been published before.
-- Values count as equal up to the digits that depend on the order in which a mean was summed up.
create or replace temp table compared as
with
last_values as (
    select tab, month, entity, kpi, value, is_running
    from lake.published.kpi_values
    qualify row_number() over (partition by tab, month, entity, kpi order by publish_id desc) = 1
),
completed_months as (
    select distinct month from last_values where value is not null and not is_running
),
known_kpis as (
    select distinct tab, kpi from last_values
),
shown as (
    select tab, cast(month as date) as month, entity, kpi, cast(value as double) as value, is_running
    from shown_values
    where value is not null
),
paired as (
    select
        coalesce(shown.tab, last_values.tab) as tab,
        coalesce(shown.month, last_values.month) as month,
        coalesce(shown.entity, last_values.entity) as entity,
        coalesce(shown.kpi, last_values.kpi) as kpi,
        shown.value,
        last_values.value as value_before,
        coalesce(shown.is_running, last_values.is_running) as is_running,
        last_values.is_running as was_running
    from shown
    full join last_values
        on shown.tab = last_values.tab
        and shown.month is not distinct from last_values.month
        and shown.entity = last_values.entity
        and shown.kpi = last_values.kpi
),
judged as (
    select
        *,
        value is distinct from value_before
        and coalesce(abs(value - value_before) > 1e-9 * greatest(abs(value), abs(value_before)), true) as is_different,
        month in (select month from completed_months) and (tab, kpi) in (select (tab, kpi) from known_kpis) as was_completed
    from paired
)
select tab, month, entity, kpi, value, value_before, is_running, is_different, coalesce(was_completed, false) as was_completed
from judged
where is_different or (value is not null and is_running is distinct from was_running);

-- name: insert_publish
-- One row; parameters by name.
insert into lake.published.publishes (
    publish_id, published_at, as_of, computation_id, run_id, spreadsheet_id, url, requests, cells, bytes
)
values ($publish_id, $published_at, $as_of, $computation_id, $run_id, $spreadsheet_id, $url, $requests, $cells, $bytes);

-- name: insert_values
-- Adds the values that differ from those published last.
insert into lake.published.kpi_values (publish_id, tab, month, entity, kpi, value, is_running)
select cast($publish_id as bigint) as publish_id, tab, month, entity, kpi, value, is_running
from temp.compared
order by tab, month, entity, kpi;

-- name: insert_restatements
-- Adds this publish's restatements. new_restatements: given by the program, with the columns of kpi.restatements.
insert into lake.kpi.restatements by name
from new_restatements;
