-- At most one row: the won opportunities of $month in the rep report's team row.
select won_opportunities from kpi.team_monthly where month = cast($month as date);
