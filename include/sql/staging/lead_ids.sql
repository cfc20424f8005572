-- Grain: recorded_lead_id. Which lead a record belongs to, by the lead id that the record carries: itself, or the lead it was merged
-- into. lead_id is null where the lead was deleted (is_deleted: its children leave every number) or is not known.
create or replace view staging.lead_ids as
with
recorded_leads as (
    select id as recorded_lead_id from raw.leads
    union
    select source_lead_id from staging.merged_leads
),
present_leads as (
    select
        recorded_leads.recorded_lead_id,
        coalesce(merged_leads.destination_lead_id, recorded_leads.recorded_lead_id) as present_lead_id
    from recorded_leads
    left join staging.merged_leads on recorded_leads.recorded_lead_id = merged_leads.source_lead_id
)
select
    present_leads.recorded_lead_id,
    case when leads._deleted_at is null then leads.id end as lead_id,
    leads._deleted_at is not null as is_deleted
from present_leads
left join raw.leads as leads on present_leads.present_lead_id = leads.id;
