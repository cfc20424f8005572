-- One row: the first month of the reports.
select min(month) as month from staging.months;
