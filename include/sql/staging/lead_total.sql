-- One row: how many leads count.
create or replace view staging.lead_total as
select count(*) as leads from staging.leads;
