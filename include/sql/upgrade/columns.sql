-- One row per column of the lake's kpi.{table}: its name, type, whether it may be null; in order.
select name as column_name, type as data_type, not "notnull" as is_nullable
from pragma_table_info('lake.kpi.{table}')
order by cid;
