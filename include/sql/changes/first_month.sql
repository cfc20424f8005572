-- One row: the first local month that any record lies in; null without records.
with
firsts as (
    select min(least(date_created, date_updated)) as moment from raw.leads
    union all
    select min(least(date_created, date_lost, date_won::timestamp at time zone $zone)) from raw.opportunities
    union all
    select min(least(activity_at, date_created)) from raw.lead_status_changes
    union all
    select min(least(activity_at, date_created)) from raw.opportunity_status_changes
    union all
    select min(least(activity_at, date_created)) from raw.calls
    union all
    select min(least(activity_at, date_created)) from raw.emails
    union all
    select min(least(activity_at, date_created, starts_at)) from raw.meetings
    union all
    select min(least(activity_at, date_created)) from raw.custom_activities
    union all
    select min(least(activity_at, date_created)) from raw.task_completions
)
select cast(date_trunc('month', min(moment) at time zone $zone) as date) as month from firsts;
