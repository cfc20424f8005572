-- Grain: outcome_id. Outcomes that make a meeting no demo.
create table if not exists settings.excluded_outcomes (outcome_id varchar not null);
