-- The leads that count: neither deleted nor merged away. source: the configured custom field, the first value of a multi-value field,
-- `(none)` where unset. owner_id: the value of the configured owner field, where it is set.
-- Grain: lead_id.
-- Inputs: raw.leads, settings.run, staging.displaced_leads.
with
live_leads as (
    select
        leads.*,
        run.timezone,
        leads.custom -> ('$."' || run.source_field_id || '"') as source_json,
        leads.custom -> ('$."' || run.owner_field_id || '"') as owner_json
    from raw.leads as leads
    cross join settings.run
    left join staging.displaced_leads on leads.id = displaced_leads.recorded_lead_id
    where displaced_leads.recorded_lead_id is null
),
first_values as (
    select
        *,
        case when json_type(source_json) = 'ARRAY' then source_json ->> '$[0]' else source_json ->> '$' end as source_value,
        case when json_type(owner_json) = 'ARRAY' then owner_json ->> '$[0]' else owner_json ->> '$' end as owner_value
    from live_leads
)
select
    id as lead_id,
    display_name,
    html_url,
    status_id,
    status_label,
    date_created as created_at,
    date_updated as updated_at,
    cast(timezone(timezone, date_created) as date) as created_on,
    case when trim(source_value) <> '' then source_value else '(none)' end as source,
    case when trim(owner_value) <> '' then owner_value end as owner_id
from first_values;
