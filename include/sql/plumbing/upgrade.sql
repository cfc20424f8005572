-- What is left in a lake by a version before, and goes with the first release of this one.

-- name: computations_columns
-- One row per column of kpi.computations.
select name from pragma_table_info('lake.kpi.computations');

-- name: drop_from_month
-- 0.1.0 computed from a month on; every computation is whole now.
alter table lake.kpi.computations drop column from_month;

-- name: drop_candidate
-- The candidate of a version before had other columns.
drop table lake.candidate.computation;

-- name: drop_incremental
-- 0.1.0 kept staging models lead by lead.
drop schema if exists lake.incremental cascade;
