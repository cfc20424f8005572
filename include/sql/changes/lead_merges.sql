-- One row: the first local month that the leads of merges which differ (see changes/feed.sql) bear on: their creation, their
-- status changes, their opportunities and their demos.
with
merged as (
    select unnest([source_lead_id, destination_lead_id]) as lead_id
    from changes_of_lead_merges
),
instants as (
    select date_created as moment from raw.leads where id in (select lead_id from merged)
    union all
    select least(activity_at, date_created) from raw.lead_status_changes where lead_id in (select lead_id from merged)
    union all
    select least(date_created, date_lost, date_won::timestamp at time zone $zone)
    from raw.opportunities
    where lead_id in (select lead_id from merged)
    union all
    select least(activity_at, date_created, starts_at) from raw.meetings where lead_id in (select lead_id from merged)
    union all
    select least(activity_at, date_created) from raw.custom_activities where lead_id in (select lead_id from merged)
    union all
    select least(activity_at, date_created) from raw.opportunity_status_changes where lead_id in (select lead_id from merged)
    union all
    select least(activity_at, date_created) from raw.task_completions where lead_id in (select lead_id from merged)
)
select cast(date_trunc('month', min(moment) at time zone $zone) as date) as month from instants;
