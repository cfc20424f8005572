-- Shows a table of the candidate under the name that the checks know.
create view checked.staging.{table} as from lake.candidate.{table};
