-- Sets the changed leads' rows of a model aside, so that the model's name is free for all leads.
create table memory.incremental.{table} as from memory.staging.{table};

drop table memory.staging.{table};
