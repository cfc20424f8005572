-- At most one row: the rep report of $month and one user (null: unassigned).
select *
from kpi.rep_monthly
where month = cast($month as date) and user_id is not distinct from cast($user_id as varchar);
