-- One row: which computation the candidate comes from.
select computation_id from candidate.computation;
