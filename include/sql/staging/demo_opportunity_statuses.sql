-- Grain: record_id. Opportunity status changes that are a demo: into the named status, the first time for the opportunity. A change of
-- an opportunity that does not count (deleted, or in an ignored pipeline) does not count either.
create or replace view staging.demo_opportunity_statuses as
with
uncounted_opportunities as (
    select id from raw.opportunities
    except
    select opportunity_id from staging.opportunities
)
select
    changes.id as record_id,
    changes.lead_id as recorded_lead_id,
    changes.user_id,
    coalesce(changes.activity_at, changes.date_created) as demo_at
from raw.opportunity_status_changes as changes
inner join settings.demo_statuses on changes.new_status_id = demo_statuses.status_id
left join uncounted_opportunities on changes.opportunity_id = uncounted_opportunities.id
where changes._deleted_at is null and uncounted_opportunities.id is null
qualify row_number() over (
    partition by coalesce(changes.opportunity_id, changes.id)
    order by coalesce(changes.activity_at, changes.date_created), changes.id
) = 1;
