-- Grain: month. The months that are reported: from the account's first record, or history_start if later, to the running month,
-- which is the local month of as_of. ends_on: the last day of the month, the local date of as_of in the running month.
-- working_days: Monday to Friday without holidays, up to ends_on.
create or replace view staging.months as
with
present as (
    select
        run.timezone,
        run.history_start,
        cast(timezone(run.timezone, run.as_of) as date) as today
    from settings.run
),
first_instants as (
    select min(date_created) as first_at from raw.leads where _deleted_at is null
    union all
    select min(date_created) from raw.opportunities where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) from raw.calls where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) from raw.emails where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) from raw.meetings where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) from raw.custom_activities where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) from raw.lead_status_changes where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) from raw.opportunity_status_changes where _deleted_at is null
    union all
    select min(coalesce(activity_at, date_created)) from raw.task_completions where _deleted_at is null
),
first_record as (
    select min(first_at) as first_at from first_instants
),
bounds as (
    select
        present.today,
        cast(date_trunc('month', present.today) as date) as running_month,
        cast(date_trunc('month', greatest(
            cast(timezone(present.timezone, first_record.first_at) as date),
            present.history_start
        )) as date) as first_month
    from present
    cross join first_record
),
months as (
    select
        cast(unnest(generate_series(
            least(coalesce(first_month, running_month), running_month), running_month, interval 1 month
        )) as date) as month,
        running_month,
        today
    from bounds
),
month_ends as (
    select month, month = running_month as is_running, least(last_day(month), today) as ends_on
    from months
),
days as (
    select month, cast(unnest(generate_series(month, ends_on, interval 1 day)) as date) as day
    from month_ends
),
working_days as (
    select month, count(*) as working_days
    from days
    where isodow(day) <= 5 and day not in (select day from settings.holidays)
    group by month
)
select
    month_ends.month,
    month_ends.is_running,
    month_ends.ends_on,
    coalesce(working_days.working_days, 0) as working_days
from month_ends
left join working_days using (month);
