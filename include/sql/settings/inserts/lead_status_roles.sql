-- $rows: a list of {status_id, role}.
insert into settings.lead_status_roles (status_id, role)
select item.status_id, item.role
from (select unnest(cast($rows as struct(status_id varchar, role varchar)[])) as item);
