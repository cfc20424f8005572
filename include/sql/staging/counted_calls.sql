-- Grain: call_id. The calls that count: outbound ones that were placed, inbound ones that were answered.
create or replace view staging.counted_calls as
select
    calls.call_id,
    calls.lead_id,
    calls.user_id,
    calls.called_at,
    cast(timezone(run.timezone, calls.called_at) as date) as called_on
from staging.calls as calls
cross join settings.run
where calls.is_counted;
