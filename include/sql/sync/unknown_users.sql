-- The users that rows of raw.{table} name and raw.users lacks.
select distinct user_id
from (
    select unnest([columns(name -> name in ('user_id', 'assigned_to', 'task_assigned_to'))]) as user_id
    from raw.{table}
)
where user_id is not null and user_id not in (select id from raw.users);
