-- What the page in Airflow's UI shows of a lake. Each statement reads tables of the program and of the reports, never records of Close: it
-- takes as long for a million leads as for a hundred.

-- name: settings
-- One row: the settings that the released numbers are told by.
select timezone, currency, rate_denominator, count_automated_emails
from lake.settings.run;

-- name: growth
-- Grain: month. The released growth report, newest first.
from lake.kpi.growth_monthly order by month desc;

-- name: streams
-- Grain: stream. How far each stream of Close is read, and since when it is being loaded.
select
    coalesce(streams.stream, loads.stream) as stream,
    streams.synced_through,
    loads.started_at
from lake.sync.streams as streams
full join lake.sync.loads as loads on streams.stream = loads.stream
order by stream;

-- name: publishes
-- Grain: publish_id. The newest $most publishes of the workbook.
select published_at, as_of, run_id, url, cells, requests
from lake.published.publishes
order by publish_id desc
limit $most;

-- name: restatements
-- Grain: publish_id, tab, month, entity, kpi. The newest $most restatements of completed months, and how many there are.
select
    restated_at,
    tab,
    month,
    entity,
    name,
    kpi,
    before,
    after,
    cause,
    count(*) over () as all_rows
from lake.kpi.restatements
where not is_to_date
order by publish_id desc, month desc, tab, name, entity, kpi
limit $most;

-- name: warnings
-- Grain: rule, record. The first $most records of each warning, and how many it has.
select
    rule,
    record_type,
    record_id,
    lead_id,
    detail,
    count(*) over (partition by rule) as all_rows
from lake.kpi.data_quality
qualify row_number() over (partition by rule order by record_type, record_id) <= $most
order by rule, record_type, record_id;

-- name: alarms
-- Grain: alarm_id. What has failed and is not well again, newest first, with what was or would be told of it.
select
    alarms.dag_id,
    alarms.task_id,
    alarms.kind,
    alarms.run_id,
    min(alarms.opened_at) as opened_at,
    any_value(messages.content) as content
from lake.published.alarms as alarms
left join lake.published.alarm_messages as messages on alarms.alarm_id = messages.alarm_id and messages.occasion = 'alarm'
where alarms.closed_at is null
group by alarms.alarm_id, alarms.dag_id, alarms.task_id, alarms.kind, alarms.run_id
order by opened_at desc, alarms.alarm_id;
