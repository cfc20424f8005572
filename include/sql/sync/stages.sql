-- Grain: opportunity status. What decides how its opportunities count.
select id, {'type': type, 'pipeline_id': pipeline_id} as stage
from raw.opportunity_statuses
where _deleted_at is null;
