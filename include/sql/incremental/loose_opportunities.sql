-- Grain: opportunity_id. The opportunities whose lead is not known: the next computation builds them anew, whatever has changed.
create or replace table incremental.loose_opportunities as
select opportunity_id
from memory.staging.opportunities
where lead_id is null;
