-- The workspace: a database in memory in which a computation keeps each staging model once, as a table, and computes the KPI tables.
-- Queries of the models and of the checks would otherwise expand the views of the lake, which build on one another, many times.
create schema memory.raw;
create schema memory.settings;
create schema memory.staging;
create schema memory.kpi;
create schema memory.incremental;
