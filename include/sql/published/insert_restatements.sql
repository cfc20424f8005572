-- Adds this publish's restatements. new_restatements: given by the program, with the columns of kpi.restatements.
insert into kpi.restatements by name
from new_restatements;
