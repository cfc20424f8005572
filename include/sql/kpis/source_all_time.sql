-- The source report: what came of all the leads of each source to date.
-- Grain: source.
-- Inputs: staging.source_totals.
select * exclude (scope, cohort_month)
from staging.source_totals
where scope = 'source'
order by source;
