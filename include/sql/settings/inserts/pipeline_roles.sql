-- $rows: a list of {pipeline_id, role}.
insert into settings.pipeline_roles (pipeline_id, role)
select item.pipeline_id, item.role
from (select unnest(cast($rows as struct(pipeline_id varchar, role varchar)[])) as item);
