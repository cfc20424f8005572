-- The rep report: what each user did, won and lost in each month that has any fact of theirs.
-- Grain: month, user_id (null: Unassigned).
-- Inputs: staging.rep_totals, staging.users.
select
    totals.month,
    totals.is_running,
    totals.user_id,
    case when totals.user_id is null then 'Unassigned' else coalesce(users.rep, totals.user_id) end as rep,
    case when totals.user_id is not null then coalesce(users.is_active, false) end as is_active,
    totals.* exclude (month, is_running, is_team, user_id)
from staging.rep_totals as totals
left join staging.users as users on totals.user_id = users.user_id
where not totals.is_team
order by totals.month, rep, totals.user_id;
