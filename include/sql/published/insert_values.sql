-- Adds the values that differ from those published last.
insert into published.kpi_values (publish_id, tab, month, entity, kpi, value, is_running)
select cast($publish_id as bigint) as publish_id, tab, month, entity, kpi, value, is_running
from temp.compared
order by tab, month, entity, kpi;
