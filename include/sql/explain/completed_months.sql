-- Grain: month. The completed months of $first_month to $last_month in the growth report.
select *
from kpi.growth_monthly
where month between cast($first_month as date) and cast($last_month as date) and not is_running
order by month;
