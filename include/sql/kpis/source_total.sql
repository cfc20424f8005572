-- The total row of the source report.
-- Grain: one row.
-- Inputs: staging.source_totals.
select * exclude (scope, source, cohort_month)
from staging.source_totals
where scope = 'total';
