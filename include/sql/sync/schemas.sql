-- The lake's schemas.
create schema if not exists raw;
create schema if not exists sync;
create schema if not exists settings;
create schema if not exists staging;
create schema if not exists kpi;
create schema if not exists published;
