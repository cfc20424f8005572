-- Makes the candidate's settings those that the staging views read.
delete from settings.{table};

insert into settings.{table} by name from candidate.{table};
