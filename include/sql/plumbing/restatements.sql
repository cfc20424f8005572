-- What a publish restates and why, from the values published last and the changes of records since (see include/sql/restatements).

-- name: window
-- At most one row: what the last publish showed and what the KPI tables hold now: the snapshots of the lake that both were computed
-- from, their settings and models, the instant and the local day of the last publish's numbers; the oldest snapshot that the lake has.
with
last_publish as (
    select computation_id
    from lake.published.publishes
    order by publish_id desc
    limit 1
),
present as (
    select snapshot_id, settings, models_hash, as_of
    from lake.kpi.computations
    where snapshot_id >= 0
    order by computed_at desc, snapshot_id desc
    limit 1
)
select
    last_shown.snapshot_id as since_snapshot,
    present.snapshot_id as until_snapshot,
    (select min(snapshot_id) from ducklake_snapshots('lake')) as oldest_snapshot,
    last_shown.settings as settings_before,
    present.settings,
    last_shown.models_hash <> present.models_hash as models_have_changed,
    last_shown.as_of as since,
    cast(timezone(present.settings ->> 'timezone', last_shown.as_of) as date) as since_day
from last_publish
inner join lake.kpi.computations as last_shown using (computation_id)
cross join present;

-- name: restated
-- The values of completed months that differ from those published last, each with the topic of its KPI.
-- Grain: tab, month, entity, kpi. Inputs: temp.compared; kpi_topics: the registry's topic of each KPI, given by the program (a KPI
-- that no longer exists has none). by_user: only records of the rep bear on it.
create or replace temp table restated as
select
    compared.tab,
    compared.month,
    compared.entity,
    compared.kpi,
    compared.value_before as before,
    compared.value as after,
    compared.tab = 'Sources monthly' and compared.kpi <> 'total_leads' as is_to_date,
    kpi_topics.topic,
    coalesce(kpi_topics.by_user, false) and compared.tab = 'Reps' and compared.entity <> 'Team' as by_user
from temp.compared
left join kpi_topics on compared.tab = kpi_topics.tab and compared.kpi = kpi_topics.kpi
where compared.is_different and compared.was_completed
order by compared.month desc, compared.tab, compared.entity, compared.kpi;

-- name: changed_records
-- Grain: stream, record_id. The records that differ between the last publish and now, filled by the queries of the folder changed.
-- kind: added, changed, back-dated, won, lost, reopened, deleted, merged. months: the local months that it lies in, as it was and as it is.
-- users: of the record, as it was and as it is; null: it bears on every rep. lead_id: its lead.
create or replace temp table changed_records (
    stream varchar,
    record_id varchar,
    kind varchar,
    months date[],
    users varchar[],
    lead_id varchar
);

-- name: befores
-- The records of raw.{table} that differ between $from and $to, as they were; deleted ones were none.
create or replace temp table befores as
from (
    select *, change_type in ('insert', 'update_postimage') as is_after
    from ducklake_table_changes('lake', 'raw', '{table}', $from::bigint, $to::bigint)
    -- The care of the lake writes tables anew without changing a record.
    where snapshot_id not in (select snapshot_id from ducklake_snapshots('lake') where author = 'lake_maintenance')
    qualify row_number() over (partition by id order by snapshot_id, is_after) = 1
)
where not is_after and _deleted_at is null;

-- name: afters
-- The records of raw.{table} that differ between $from and $to, as they are.
create or replace temp table afters as
from (
    select *, change_type in ('insert', 'update_postimage') as is_after
    from ducklake_table_changes('lake', 'raw', '{table}', $from::bigint, $to::bigint)
    -- The care of the lake writes tables anew without changing a record.
    where snapshot_id not in (select snapshot_id from ducklake_snapshots('lake') where author = 'lake_maintenance')
    qualify row_number() over (partition by id order by snapshot_id desc, is_after desc) = 1
)
where is_after;

-- name: add_changed
-- Adds what has changed in one stream; its SELECT follows.
insert into temp.changed_records by name

-- name: bearing
-- Grain: topic, month, user_id (null: any), stream, kind, actor. How many of the changed records bear on the restated values of a topic
-- and month, and who changed them as far as Close's event log tells ($since: read after the last publish).
-- topic_records: which streams bear on a topic, given by the program out of the registry; reach: month, the record lies in the month;
-- since, in it or an earlier one; cohort, its lead was created in it.
with
questions as (
    select distinct topic, month, case when by_user then entity end as user_id from temp.restated
),
actors as (
    select object_id as record_id, arg_max(user_id, date_updated) as user_id
    from (
        select object_id, user_id, date_updated from lake.raw.events where _synced_at > $since::timestamptz
        union all
        select merge_source_lead_id, user_id, date_updated from lake.raw.events where _synced_at > $since::timestamptz
    )
    where object_id is not null
    group by object_id
),
records as (
    select
        changed_records.stream,
        changed_records.kind,
        list_sort(changed_records.months) as months,
        changed_records.users,
        cast(date_trunc('month', timezone($zone, leads.date_created)) as date) as cohort_month,
        coalesce(nullif(trim(concat_ws(' ', users.first_name, users.last_name)), ''), users.email) as actor,
        count(*) as records
    from temp.changed_records
    left join lake.raw.leads as leads on changed_records.lead_id = leads.id
    left join actors on changed_records.record_id = actors.record_id
    left join lake.raw.users as users on actors.user_id = users.id
    group by all
)
select
    questions.topic,
    questions.month,
    questions.user_id,
    records.stream,
    records.kind,
    records.actor,
    sum(records.records)::bigint as records
from questions
inner join topic_records as inputs
    on questions.topic = inputs.topic
    -- Deals make no customer where the lead's status does.
    and not ($customer_basis = 'lead_status' and inputs.topic in ('customers', 'rates') and inputs.stream = 'opportunities')
inner join records
    on inputs.stream = records.stream
    and case inputs.reach
        when 'month' then list_contains(records.months, questions.month)
        when 'since' then records.months[1] <= questions.month
        else coalesce(records.cohort_month = questions.month, true)
    end
    and (questions.user_id is null or records.users is null or list_contains(records.users, questions.user_id))
group by all
order by all;

-- name: all_changed
-- Grain: stream, kind. How many records differ between the last publish and now, whatever they bear on.
select stream, kind, count(*) as records
from temp.changed_records
where stream <> 'opportunities_created'
group by all
order by all;

-- name: list
-- Grain: tab, month, entity, kpi. The restated values, with the rep's name.
select restated.*, coalesce(nullif(trim(concat_ws(' ', users.first_name, users.last_name)), ''), users.email, restated.entity) as name
from temp.restated
left join lake.raw.users as users on restated.tab = 'Reps' and restated.entity = users.id
order by restated.month desc, restated.tab, name, restated.entity, restated.kpi;
