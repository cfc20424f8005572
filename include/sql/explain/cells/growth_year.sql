-- At most one row: a row of the growth report below the months of a year. $row: year, average, yoy.
select *
from kpi.growth_yearly
where year = year(cast($first_month as date)) and row_kind = $row;
