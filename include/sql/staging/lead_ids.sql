-- Which lead a record belongs to, by the lead id that the record carries: itself, or the lead it was merged into. lead_id is null where
-- the lead was deleted (is_deleted: its children leave every number) or is not known.
-- Grain: recorded_lead_id.
-- Inputs: raw.leads, staging.displaced_leads.
select leads.id as recorded_lead_id, leads.id as lead_id, false as is_deleted
from raw.leads as leads
left join staging.displaced_leads on leads.id = displaced_leads.recorded_lead_id
where displaced_leads.recorded_lead_id is null
union all
select recorded_lead_id, lead_id, is_deleted
from staging.displaced_leads;
