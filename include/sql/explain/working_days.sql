-- Grain: day. The working days of $first_month to $last_month: Monday to Friday without holidays, up to as_of in the running month.
with
days as (
    select cast(unnest(generate_series(month, ends_on, interval 1 day)) as date) as day
    from staging.months
    where month between cast($first_month as date) and cast($last_month as date)
)
select day as working_day, dayname(day) as weekday
from days
where isodow(day) <= 5 and day not in (select day from settings.holidays)
order by day;
