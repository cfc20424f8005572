-- Grain: call_id. The calls that were not deleted, nor their lead. is_counted: outbound and placed, or inbound and answered.
-- lead_id: the lead that holds the call now; of a lead that is not known, the id as recorded. activity_at: as recorded, may be null.
create or replace view staging.calls as
select
    calls.id as call_id,
    case when displaced_leads.recorded_lead_id is null then calls.lead_id else displaced_leads.lead_id end as lead_id,
    calls.user_id,
    calls.activity_at,
    coalesce(calls.activity_at, calls.date_created) as called_at,
    coalesce(case calls.direction
        when 'outbound' then coalesce(calls.status, '') not in ('cancel', 'failed', 'created', 'in-progress')
        when 'inbound' then calls.disposition = 'answered' or (calls.disposition is null and calls.duration > 0)
    end, false) as is_counted
from raw.calls as calls
left join staging.displaced_leads on calls.lead_id = displaced_leads.recorded_lead_id
where calls._deleted_at is null and not coalesce(displaced_leads.is_deleted, false);
