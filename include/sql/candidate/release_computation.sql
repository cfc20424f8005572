-- Records that the candidate was released.
insert into kpi.computations by name from candidate.computation;
