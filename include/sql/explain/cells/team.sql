-- At most one row: the team's row of the rep report of $month.
select *
from kpi.team_monthly
where month = cast($month as date);
