-- Shows a table of the candidate under the name that the checks know.
create view checked.kpi.{table} as from lake.candidate.{table};
