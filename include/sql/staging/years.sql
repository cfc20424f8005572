-- The reported months by year. A year that does not begin in January is named after the calendar year in which it ends.
-- Grain: month.
-- Inputs: settings.run, staging.months.
select
    months.month,
    months.is_running,
    cast(year(months.month) + (run.fiscal_year_start > 1 and month(months.month) >= run.fiscal_year_start)::bigint as integer) as year
from staging.months as months
cross join settings.run;
