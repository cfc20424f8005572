-- One row: the first local month that leads which differ (see changes/feed.sql) bear on, as they were and as they are.
-- A lead bears on its creation, its status changes and its opportunities; one that was deleted or merged (or no longer is) also on its
-- activities, which may be older than the lead. Where nothing but date_updated moved (any activity moves it), it bears on the months
-- from the older one on: a status that no change explains holds from date_updated.
with
changed as (
    select id, status_id, custom, display_name, date_created, date_updated, _deleted_at, _merged_into, change_type
    from changes_of_leads
),
contents as (
    select id, count(distinct hash(status_id, custom, date_created, _deleted_at, _merged_into, display_name)) as versions,
        bool_or(change_type in ('insert', 'delete')) as came_or_went,
        count(distinct hash(_deleted_at is null, _merged_into)) > 1 as is_displaced
    from changed
    group by id
),
edited as (
    select id from contents where versions > 1 or came_or_went
),
displaced as (
    select id from contents where is_displaced
),
activities as (
    select lead_id, least(activity_at, date_created) as moment from raw.calls
    union all
    select lead_id, least(activity_at, date_created) from raw.emails
    union all
    select lead_id, least(activity_at, date_created, starts_at) from raw.meetings
    union all
    select lead_id, least(activity_at, date_created) from raw.custom_activities
    union all
    select lead_id, least(activity_at, date_created) from raw.opportunity_status_changes
    union all
    select lead_id, least(activity_at, date_created) from raw.task_completions
),
instants as (
    select date_created as moment from changed where id in (select id from edited)
    union all
    select date_updated as moment from changed where id not in (select id from edited)
    union all
    select least(activity_at, date_created) from raw.lead_status_changes where lead_id in (select id from edited)
    union all
    select least(date_created, date_lost, date_won::timestamp at time zone $zone)
    from raw.opportunities
    where lead_id in (select id from edited)
    union all
    select moment from activities where lead_id in (select id from displaced)
)
select cast(date_trunc('month', min(moment) at time zone $zone) as date) as month from instants;
