-- At most one row: the win rates of $month.
select *
from kpi.win_rate_monthly
where month = cast($month as date);
