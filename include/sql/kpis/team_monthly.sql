-- The team total below the rep report, over the same records (not an average of rows); a row for every month.
-- Grain: month.
-- Inputs: staging.rep_totals.
select month, is_running, * exclude (month, is_running, is_team, user_id)
from staging.rep_totals
where is_team
order by month;
