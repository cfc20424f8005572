-- One row: the instant of the account's first record; null without records. An activity is dated by its activity_at, else its creation.
create or replace view staging.first_record as
with
first_instants as (
    select min(date_created) as first_at from raw.leads where _deleted_at is null
    union all
    select min(date_created) as first_at from raw.opportunities where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) as first_at from raw.calls where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) as first_at from raw.emails where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) as first_at from raw.meetings where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) as first_at from raw.custom_activities where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) as first_at from raw.lead_status_changes where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) as first_at from raw.opportunity_status_changes where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) as first_at from raw.task_completions where _deleted_at is null
)
select min(first_at) as first_at from first_instants;
