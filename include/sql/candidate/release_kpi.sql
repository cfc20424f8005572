-- Makes the candidate's rows those that readers see.
delete from kpi.{table};

insert into kpi.{table} by name from candidate.{table};
