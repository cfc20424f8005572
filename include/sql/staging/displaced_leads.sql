-- The leads whose children do not belong to them any more: deleted ones (is_deleted: their children leave every number) and merged ones,
-- with the lead that holds the children now. lead_id is null where that one was deleted or is not known.
-- Grain: recorded_lead_id.
-- Inputs: raw.leads, staging.merged_leads.
select
    merged_leads.source_lead_id as recorded_lead_id,
    case when leads._deleted_at is null then leads.id end as lead_id,
    leads._deleted_at is not null as is_deleted
from staging.merged_leads
left join raw.leads as leads on merged_leads.destination_lead_id = leads.id
union all
select leads.id, null, true
from raw.leads as leads
left join staging.merged_leads on leads.id = merged_leads.source_lead_id
where leads._deleted_at is not null and merged_leads.source_lead_id is null;
