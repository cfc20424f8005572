-- Grain: id. The opportunities with date_won in $month that are won, of all pipelines, as the last computation saw them.
-- is_counted: it counts in the reports; one of an ignored pipeline or a deleted lead does not.
select
    opportunities.id,
    opportunities.lead_id,
    opportunities.value,
    opportunities.value_period,
    counted.opportunity_id is not null as is_counted
from memory.raw.opportunities as opportunities
left join staging.opportunities as counted on opportunities.id = counted.opportunity_id
where
    opportunities._deleted_at is null
    and opportunities.status_type = 'won'
    and date_trunc('month', opportunities.date_won) = cast($month as date);
