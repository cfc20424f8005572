-- $rows: a list of outcome ids.
insert into settings.excluded_outcomes (outcome_id) select unnest(cast($rows as varchar[]));
