-- How many leads count: what the sources must sum to.
-- Grain: one row.
-- Inputs: staging.counted_leads.
select count(*) as leads from staging.counted_leads;
