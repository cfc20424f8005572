-- Grain: call_id. The calls that count: outbound ones that were placed, inbound ones that were answered.
create or replace view staging.counted_calls as
with
calls as (
    select
        calls.id as call_id,
        lead_ids.lead_id,
        calls.user_id,
        coalesce(calls.activity_at, calls.date_created) as called_at
    from raw.calls as calls
    left join staging.lead_ids on calls.lead_id = lead_ids.recorded_lead_id
    where
        calls._deleted_at is null
        and not coalesce(lead_ids.is_deleted, false)
        and case calls.direction
            when 'outbound' then coalesce(calls.status, '') not in ('cancel', 'failed', 'created', 'in-progress')
            when 'inbound' then calls.disposition = 'answered' or (calls.disposition is null and calls.duration > 0)
        end
)
select
    calls.call_id,
    calls.lead_id,
    calls.user_id,
    calls.called_at,
    cast(timezone(run.timezone, calls.called_at) as date) as called_on
from calls
cross join settings.run;
