-- The records behind the numbers, as the tab Behind the numbers shows them: those of the queries of include/sql/explain, each run once for
-- all months, all reps and all sources. kpi.records keeps the newest of each kind, and of all kinds alike many; kpi.record_kinds says how
-- many there are, and how far back those that are kept reach.

-- name: begin
-- What the queries list, each in those of these columns that it has.
create or replace temp table found (
    kind varchar not null,
    query varchar not null,
    what varchar not null,
    records bigint not null,
    newest_on date,
    record_id varchar,
    won_on date,
    lost_on date,
    decided_on date,
    created_on date,
    lead_created_on date,
    first_won_on date,
    demo_on date,
    trial_on date,
    moved_on date,
    cancelled_on date,
    happened_on date,
    customer_since date,
    from_month date,
    until_on date,
    lead_id varchar,
    user_id varchar,
    rep varchar,
    source varchar,
    pipeline varchar,
    status varchar,
    title varchar,
    activity_type varchar,
    activity_id varchar,
    opportunity_id varchar,
    decision varchar,
    annual_cents bigint,
    opening_annual_cents bigint,
    closing_annual_cents bigint,
    moved_annual_cents bigint,
    added_annual_cents bigint,
    deal_annual_cents bigint,
    current_annual_cents bigint,
    weighted_annual_cents double,
    one_time_cents bigint,
    confidence bigint,
    days_to_close bigint,
    age_days bigint,
    calls bigint,
    emails bigint,
    won bigint,
    lost bigint,
    is_overdue bigint,
    won_opportunities bigint,
    lost_opportunities bigint
);

-- name: without_names
-- Takes the names of the leads away: the queries would look up those of all records, and only some are kept.
alter view memory.staging.leads rename to leads_in_place;
create table memory.staging.leads as from memory.staging.leads_in_place limit 0;

-- name: newest_activities
-- Holds the counted activities of the newest months in memory, of each type so many months that more than $most are there, if there are:
-- the queries would read all of them, once for each kind.
alter view memory.staging.activities rename to activities_in_place;
create table memory.staging.activities as
with
monthly as (
    select activity_type, month, sum(counted) as counted
    from memory.staging.activity_counts
    where month is not null
    group by activity_type, month
),
newer as (
    select
        activity_type,
        month,
        sum(counted) over (partition by activity_type order by month desc) - counted as counted_later
    from monthly
),
needed as (
    select activity_type, min(month) as from_month
    from newer
    where counted_later <= $most
    group by activity_type
)
select activities.*
from memory.staging.activities_in_place as activities
inner join needed on activities.activity_type = needed.activity_type
-- Two days earlier in any time zone the month has not begun.
where activities.is_counted and activities.happened_at >= cast(needed.from_month - interval 2 day as timestamptz);

-- name: leads
-- One row: how many leads count.
select leads from memory.staging.lead_total;

-- name: months
-- One row: the first month of the reports, the first of their last twelve, and the last.
select
    min(month) as first_month,
    greatest(min(month), cast(max(month) - interval 11 month as date)) as recent_month,
    max(month) as last_month
from memory.staging.months;

-- name: newest
-- Adds the newest records of a kind that a query lists, one more than are kept: it tells how far back they reach. $dated: the column by
-- which they are the newest, $key: the one that tells them apart. A table of all that is listed would take its room up to the end of the
-- transaction.
insert into found by name
with
listed as (
    {query}
)
select
    $kind_name as kind,
    $query as query,
    $what as what,
    count(*) over () as records,
    columns(name -> name = $dated) as newest_on,
    columns(name -> name = $key) as record_id,
    columns(name -> name not in ('lead', 'record_id'))
from listed
order by columns(name -> name = $dated) desc nulls last, columns(name -> name = $key)
limit $most + 1;

-- name: forget
-- Takes the records of a kind away again.
delete from found where kind = $kind_name;

-- name: with_names
-- Gives the leads their names and the activities their place back.
drop table memory.staging.leads;
alter view memory.staging.leads_in_place rename to leads;
drop table memory.staging.activities;
alter view memory.staging.activities_in_place rename to activities;

-- name: monthly
-- Says in which months a record counts from on, and how new it is among its kind.
create or replace temp table monthly as
select
    rowid as listed_at,
    kind,
    case
        -- A decision is a win or a loss, too: one record.
        when query <> 'opportunities_decided' then query
        when decision = 'won' then 'opportunities_won'
        else 'opportunities_lost'
    end as query,
    records,
    record_id,
    newest_on,
    calls,
    emails,
    row_number() over (partition by kind order by newest_on desc nulls last, record_id, from_month) as number,
    if(
        query in ('opportunities_open') or (query = 'source_opportunities' and lead_created_on is null),
        null,
        cast(date_trunc(
            'month',
            coalesce(
                from_month,
                lead_created_on,
                won_on,
                lost_on,
                decided_on,
                demo_on,
                trial_on,
                moved_on,
                cancelled_on,
                happened_on,
                created_on
            )
        ) as date)
    ) as first_month
from found;

-- name: records
-- Grain: query, record_id, first_month. kinds: of which kinds a record is, by the parts of include/definitions.yaml; what: what
-- it is, as the rarest of them calls it. It counts in the months first_month to last_month; both are null where it counts in none, or
-- whenever one asks (what is open now). whose: its source, or its pipeline and stage. place: where only some are read, the first ones are.
create or replace table memory.kpi.records as
with
merged as (
    select
        query,
        record_id,
        first_month,
        list(kind order by kind) as kinds,
        min(number) as number,
        arg_min(listed_at, row(records, kind)) as listed_at,
        max(calls) as calls,
        max(emails) as emails
    from monthly
    where number <= $most
    group by query, record_id, first_month
),
placed as (
    select *, row_number() over (order by number, query, record_id, first_month) as place
    from merged
    qualify place <= $most
)
select
    placed.place,
    placed.query,
    placed.kinds,
    coalesce(upper(record.activity_type[1]) || replace(record.activity_type[2:], '_', ' '), record.what) as what,
    placed.record_id,
    placed.first_month,
    if(record.until_on is null, placed.first_month, cast(date_trunc('month', record.until_on) as date)) as last_month,
    record.newest_on,
    coalesce(
        record.customer_since,
        record.won_on,
        record.lost_on,
        record.decided_on,
        record.demo_on,
        record.trial_on,
        record.moved_on,
        record.cancelled_on,
        record.happened_on,
        if(placed.query = 'source_opportunities', null, record.created_on)
    ) as dated_on,
    record.lead_id,
    leads.display_name as lead,
    record.user_id,
    record.rep,
    coalesce(record.source, record.pipeline || ' / ' || record.status) as whose,
    coalesce(record.annual_cents, greatest(record.opening_annual_cents, record.closing_annual_cents)) as annual_cents,
    record.added_annual_cents,
    record.deal_annual_cents,
    record.current_annual_cents,
    record.weighted_annual_cents,
    record.one_time_cents,
    record.days_to_close,
    record.age_days,
    placed.calls,
    placed.emails,
    record.won,
    record.lost,
    record.is_overdue
from placed
inner join found as record on placed.listed_at = record.rowid
left join memory.raw.leads as leads on record.lead_id = leads.id;

-- name: record_kinds
-- Grain: kind. How many records there are of it; of more than are kept perhaps not all are counted. And the newest that kpi.records leaves
-- out (null: none, or only ones without a date).
create or replace table memory.kpi.record_kinds as
with
kept as (
    select record_id, first_month, unnest(kinds) as kind from memory.kpi.records
),
left_out as (
    select monthly.kind, max(monthly.newest_on) as newest_on
    from monthly
    anti join kept
        on monthly.kind = kept.kind
        and monthly.record_id = kept.record_id
        and monthly.first_month is not distinct from kept.first_month
    group by monthly.kind
)
select monthly.kind, any_value(monthly.records) as records, any_value(left_out.newest_on) as left_out_on
from monthly
left join left_out on monthly.kind = left_out.kind
group by monthly.kind;

-- name: end
-- Makes room.
drop table found;
drop table monthly;
