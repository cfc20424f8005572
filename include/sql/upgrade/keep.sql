-- Sets the rows of kpi.{table} aside.
create or replace temp table kept as
from kpi.{table};
