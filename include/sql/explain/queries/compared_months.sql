-- One row: the months of the year of $first_month that are completed in that year and in the one before, from the first to the last; null
-- where there are none.
select min(this_year.month) as first_month, max(this_year.month) as last_month
from kpi.growth_monthly as this_year
inner join kpi.growth_monthly as last_year on this_year.month = last_year.month + interval 1 year
where
    year(this_year.month) = year(cast($first_month as date))
    and not this_year.is_running
    and not last_year.is_running;
