-- The reported month that a UTC day begins in, and the one that begins within it, with the instant. The month of an instant follows from
-- them without a conversion between time zones for each. Null: a month that is not reported.
-- Grain: utc_day (days since 1970).
-- Inputs: staging.months.
with
days as (
    select month, unnest(range(
        cast(ceil(epoch(starts_at) / 86400) as bigint), cast(ceil(epoch(ends_at) / 86400) as bigint)
    )) as utc_day
    from staging.months
),
turns as (
    select month, starts_at
    from staging.months
    union all
    select null as month, max(ends_at) as starts_at
    from staging.months
),
turns_within_a_day as (
    select month, starts_at, cast(floor(epoch(starts_at) / 86400) as bigint) as utc_day
    from turns
    where epoch(starts_at) % 86400 <> 0
)
select
    coalesce(days.utc_day, turns.utc_day) as utc_day,
    days.month,
    turns.month as next_month,
    turns.starts_at as next_month_at
from days
full outer join turns_within_a_day as turns on days.utc_day = turns.utc_day;
