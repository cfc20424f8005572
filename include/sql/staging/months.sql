-- The months that are reported: from the account's first record, or history_start where it is set, to the running month, which is the local
-- month of as_of. ends_on: the last day of the month, the local date of as_of in the running month. working_days: Monday to Friday
-- without holidays, up to ends_on. A month is [starts_at, ends_at), its first local midnight and the next month's.
-- Grain: month.
-- Inputs: settings.holidays, settings.run, staging.first_record.
with
present as (
    select
        run.history_start,
        cast(timezone(run.timezone, run.as_of) as date) as today
    from settings.run
),
bounds as (
    select
        present.today,
        cast(date_trunc('month', present.today) as date) as running_month,
        cast(date_trunc('month', coalesce(present.history_start, first_record.first_on)) as date) as first_month
    from present
    cross join staging.first_record
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
local_midnights as (
    -- Where a clock is put back at midnight, its local time comes twice: the first one counts.
    select turns.month, timezone(run.timezone, cast(turns.month as timestamp)) - to_minutes(earlier.minutes) as midnight_at
    from (
        select month from months
        union all
        select cast(max(month) + interval 1 month as date) from months
    ) as turns
    cross join (select unnest([0, 30, 60, 120]) as minutes) as earlier
    cross join settings.run
),
month_starts as (
    select local_midnights.month, min(local_midnights.midnight_at) as starts_at
    from local_midnights
    cross join settings.run
    where cast(timezone(run.timezone, local_midnights.midnight_at) as date) >= local_midnights.month
    group by local_midnights.month
),
bounds_of_months as (
    select month, starts_at, lead(starts_at) over (order by month) as ends_at
    from month_starts
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
    coalesce(working_days.working_days, 0) as working_days,
    bounds_of_months.starts_at,
    bounds_of_months.ends_at
from month_ends
inner join bounds_of_months using (month)
left join working_days using (month);
