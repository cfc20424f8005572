-- What came to date of the leads of each source that were created in a reported month.
-- Grain: source, cohort_month.
-- Inputs: staging.months, staging.source_totals.
select cohort_month, source, * exclude (scope, source, cohort_month)
from staging.source_totals
where scope = 'cohort' and cohort_month in (select month from staging.months)
order by cohort_month, source;
