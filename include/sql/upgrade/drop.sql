-- Makes room for kpi.{table} with other columns.
drop table kpi.{table};
