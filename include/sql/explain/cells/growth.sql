-- At most one row: the growth report of $month.
select *
from kpi.growth_monthly
where month = cast($month as date);
