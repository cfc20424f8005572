-- One row per column of raw.{table}: its name and type, in order.
select name as column_name, type as data_type
from pragma_table_info('lake.raw.{table}')
order by cid;
