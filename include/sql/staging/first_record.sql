-- One row: the instant of the account's first record; null without records. The first row in the order of a column is found in the files
-- with the oldest rows; a minimum would read all of them.
create or replace view staging.first_record as
with
first_instants as (
    (
        select date_created as first_at from raw.leads
        where _deleted_at is null and date_created is not null
        order by date_created limit 1
    )
    union all
    (
        select date_created as first_at from raw.opportunities
        where _deleted_at is null and date_created is not null
        order by date_created limit 1
    )
    union all
    (
        select activity_at as first_at from raw.calls
        where _deleted_at is null and activity_at is not null
        order by activity_at limit 1
    )
    union all
    (
        select date_created as first_at from raw.calls
        where _deleted_at is null and activity_at is null
        order by date_created limit 1
    )
    union all
    (
        select activity_at as first_at from raw.emails
        where _deleted_at is null and activity_at is not null
        order by activity_at limit 1
    )
    union all
    (
        select date_created as first_at from raw.emails
        where _deleted_at is null and activity_at is null
        order by date_created limit 1
    )
    union all
    (
        select activity_at as first_at from raw.meetings
        where _deleted_at is null and activity_at is not null
        order by activity_at limit 1
    )
    union all
    (
        select date_created as first_at from raw.meetings
        where _deleted_at is null and activity_at is null
        order by date_created limit 1
    )
    union all
    (
        select activity_at as first_at from raw.custom_activities
        where _deleted_at is null and activity_at is not null
        order by activity_at limit 1
    )
    union all
    (
        select date_created as first_at from raw.custom_activities
        where _deleted_at is null and activity_at is null
        order by date_created limit 1
    )
    union all
    (
        select activity_at as first_at from raw.lead_status_changes
        where _deleted_at is null and activity_at is not null
        order by activity_at limit 1
    )
    union all
    (
        select date_created as first_at from raw.lead_status_changes
        where _deleted_at is null and activity_at is null
        order by date_created limit 1
    )
    union all
    (
        select activity_at as first_at from raw.opportunity_status_changes
        where _deleted_at is null and activity_at is not null
        order by activity_at limit 1
    )
    union all
    (
        select date_created as first_at from raw.opportunity_status_changes
        where _deleted_at is null and activity_at is null
        order by date_created limit 1
    )
    union all
    (
        select activity_at as first_at from raw.task_completions
        where _deleted_at is null and activity_at is not null
        order by activity_at limit 1
    )
    union all
    (
        select date_created as first_at from raw.task_completions
        where _deleted_at is null and activity_at is null
        order by date_created limit 1
    )
)
select min(first_at) as first_at from first_instants;
