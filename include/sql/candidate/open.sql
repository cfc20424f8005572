-- A database in memory in which the candidate's tables have the names that the checks know.
attach ':memory:' as checked;
create schema checked.settings;
create schema checked.staging;
create schema checked.kpi;
