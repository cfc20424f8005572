-- The leads that count, with what readers know them by.
-- Grain: lead_id.
-- Inputs: raw.leads, staging.counted_leads.
select counted_leads.*, leads.display_name, leads.html_url, leads.status_label
from staging.counted_leads
inner join raw.leads as leads on counted_leads.lead_id = leads.id;
