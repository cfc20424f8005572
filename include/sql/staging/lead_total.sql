-- How many leads count: what the sources must sum to.
-- Grain: one row.
-- Inputs: staging.leads.
select count(*) as leads from staging.leads;
