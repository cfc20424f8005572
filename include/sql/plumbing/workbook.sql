-- What the workbook shows besides the rows of the KPI tables: the settings in the words that Close shows, names and addresses of leads.

-- name: table
-- All rows of a KPI table.
from lake.kpi.{table};

-- name: choices
-- One row: the settings of the last computation, ids told as the names that Close shows.
with
demo_names as (
    select 'outcome' as kind, coalesce(outcomes.name, excluded.outcome_id) as name
    from lake.settings.excluded_outcomes as excluded
    left join lake.raw.outcomes as outcomes on excluded.outcome_id = outcomes.id
    union all
    select 'status' as kind, coalesce(statuses.label, demo.status_id) as name
    from lake.settings.demo_statuses as demo
    left join lake.raw.opportunity_statuses as statuses on demo.status_id = statuses.id
    union all
    select 'type' as kind, coalesce(types.name, demo.custom_activity_type_id) as name
    from lake.settings.demo_activity_types as demo
    left join lake.raw.custom_activity_types as types on demo.custom_activity_type_id = types.id
),
demo_lists as (
    select
        string_agg(name, ', ' order by name) filter (where kind = 'outcome') as excluded_outcomes,
        string_agg(name, ', ' order by name) filter (where kind = 'status') as demo_statuses,
        string_agg(name, ', ' order by name) filter (where kind = 'type') as demo_types
    from demo_names
)
select
    run.*,
    (
        select string_agg(alias || ': ' || names, '; ' order by alias)
        from (
            select alias, string_agg(distinct spelling, ', ' order by spelling) as names
            from lake.settings.source_names
            where alias is not null
            group by alias
        )
    ) as source_aliases,
    (select string_agg(strftime(day, '%Y-%m-%d'), ', ' order by day) from lake.settings.import_days) as import_days,
    (select string_agg(replace(stream, '_', ' '), ', ' order by stream) from lake.settings.read_streams) as streams,
    (
        select
            string_agg(if(activity_type = 'sms', 'sms', replace(activity_type, '_', ' ') || 's'), ', ' order by activity_type)
        from lake.settings.counted_activities
    ) as counted_activities,
    demo_lists.excluded_outcomes,
    demo_lists.demo_statuses,
    demo_lists.demo_types,
    (select max(name) from lake.raw.custom_fields where id = run.source_field_id) as source_field,
    (select max(name) from lake.raw.custom_fields where id = run.owner_field_id) as owner_field,
    (select count(*) from lake.settings.holidays) as holidays
from lake.settings.run
cross join demo_lists;

-- name: lead_status_roles
-- Grain: role. The lead statuses of each role, in the account's order.
select
    roles.role,
    string_agg(coalesce(statuses.label, roles.status_id), ', ' order by statuses.position, roles.status_id) as names
from lake.settings.lead_status_roles as roles
left join lake.raw.lead_statuses as statuses on roles.status_id = statuses.id
group by roles.role
order by list_position(['trial', 'customer', 'churned', 'lost'], roles.role);

-- name: pipeline_roles
-- Grain: role. The pipelines of each role, in the account's order.
select
    roles.role,
    string_agg(coalesce(pipelines.name, roles.pipeline_id), ', ' order by pipelines.position, roles.pipeline_id) as names
from lake.settings.pipeline_roles as roles
left join lake.raw.pipelines as pipelines on roles.pipeline_id = pipelines.id
group by roles.role
order by list_position(['new', 'expansion', 'renewal', 'ignore'], roles.role);

-- name: data_quality
-- Grain: rule, record. The first $most records of each rule of kpi.data_quality, with the name and the address of the record's lead;
-- rule_records: how many the rule has.
select
    data_quality.rule,
    data_quality.severity,
    data_quality.record_type,
    data_quality.record_id,
    data_quality.lead_id,
    leads.display_name as lead_name,
    leads.html_url as lead_url,
    data_quality.detail,
    count(*) over (partition by data_quality.severity, data_quality.rule) as rule_records
from lake.kpi.data_quality as data_quality
left join lake.raw.leads as leads on data_quality.lead_id = leads.id
qualify
    row_number() over (
        partition by data_quality.severity, data_quality.rule order by data_quality.record_id nulls first
    ) <= $most
order by data_quality.rule, data_quality.record_id;

-- name: records
-- Grain: place. The first $most of kpi.records, the newest first; their kinds as one text.
select * replace (array_to_string(kinds, ' ') as kinds)
from lake.kpi.records
where place <= $most
order by dated_on desc nulls last, place;

-- name: record_kinds
-- Grain: kind. How many records of a kind there are, how many are among the first $most, and the day of the newest that is not.
with
of_kinds as (
    select unnest(kinds) as kind, place, newest_on from lake.kpi.records
),
shown as (
    select
        kind,
        count(*) filter (where place <= $most) as shown,
        max(newest_on) filter (where place > $most) as left_out_on
    from of_kinds
    group by kind
)
select
    kinds.kind,
    kinds.records,
    coalesce(shown.shown, 0) as shown,
    greatest(kinds.left_out_on, shown.left_out_on) as left_out_on
from lake.kpi.record_kinds as kinds
left join shown on kinds.kind = shown.kind
order by kinds.kind;

-- name: choose_snapshot
-- $snapshot_id: the snapshot of the lake that the lists of records show.
set variable snapshot_id = $snapshot_id;

-- name: leads
-- Grain: lead. The newest $most leads, neither deleted nor merged away.
with
leads as (
    from lake.raw.leads at (version => getvariable('snapshot_id'))
)
select
    leads.display_name as lead,
    leads.status_label as status,
    first_text(leads.custom -> ('$."' || run.source_field_id || '"')) as source,
    cast(timezone(run.timezone, leads.date_created) as date) as created_on,
    leads.id as lead_id,
    leads.html_url as address
from leads
cross join lake.settings.run as run
where leads._deleted_at is null and leads._merged_into is null
order by leads.date_created desc nulls last, leads.id
limit $most;

-- name: opportunities
-- Grain: opportunity. The newest $most opportunities that are not deleted. won_on: of a won one.
with
opportunities as (
    from lake.raw.opportunities at (version => getvariable('snapshot_id'))
),
leads as (
    from lake.raw.leads at (version => getvariable('snapshot_id'))
)
select
    leads.display_name as lead,
    pipelines.name as pipeline,
    opportunities.status_label as status,
    opportunities.status_type,
    trim(concat_ws(' ', users.first_name, users.last_name)) as rep,
    opportunities.value as value_cents,
    opportunities.value_period,
    opportunities.confidence,
    cast(timezone(run.timezone, opportunities.date_created) as date) as created_on,
    case when opportunities.status_type = 'won' then opportunities.date_won end as won_on,
    case
        when opportunities.status_type = 'lost' then cast(timezone(run.timezone, opportunities.date_lost) as date)
    end as lost_on,
    opportunities.id as opportunity_id,
    leads.html_url as address
from opportunities
cross join lake.settings.run as run
left join leads on opportunities.lead_id = leads.id
left join lake.raw.pipelines as pipelines on opportunities.pipeline_id = pipelines.id
left join lake.raw.users as users on opportunities.user_id = users.id
where opportunities._deleted_at is null
order by opportunities.date_created desc nulls last, opportunities.id
limit $most;

-- name: contacts
-- Grain: contact. The newest $most contacts that are not deleted, with how many e-mail addresses and telephone numbers each has.
with
contacts as (
    from lake.raw.contacts at (version => getvariable('snapshot_id'))
),
leads as (
    from lake.raw.leads at (version => getvariable('snapshot_id'))
)
select
    contacts.name,
    contacts.title,
    leads.display_name as lead,
    contacts.emails,
    contacts.phones,
    cast(timezone(run.timezone, contacts.date_created) as date) as created_on,
    contacts.id as contact_id,
    leads.html_url as address
from contacts
cross join lake.settings.run as run
left join leads on contacts.lead_id = leads.id
where contacts._deleted_at is null
order by contacts.date_created desc nulls last, contacts.id
limit $most;

-- name: restatements
-- Grain: publish_id, tab, month, entity, kpi. What the workbook shows of kpi.restatements: the newest $most of each kind, newest first.
-- all_rows: how many there are of the kind.
select
    restated_at,
    tab,
    month,
    name,
    kpi,
    before,
    after,
    is_to_date,
    cause,
    records_added,
    records_changed,
    records_deleted,
    records_merged,
    count(*) over (partition by is_to_date) as all_rows
from (from lake.kpi.restatements union all by name from new_restatements)
qualify row_number() over (partition by is_to_date order by publish_id desc, month desc, tab, name, entity, kpi) <= $most
order by is_to_date, publish_id desc, month desc, tab, name, entity, kpi;
