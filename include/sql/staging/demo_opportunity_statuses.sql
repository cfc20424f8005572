-- Opportunity status changes that are a demo: into the named status, the first time for the opportunity. A change of an opportunity that
-- does not count (deleted, or in an ignored pipeline) does not count either.
-- Grain: record_id.
-- Inputs: raw.opportunities, raw.opportunity_status_changes, settings.demo_statuses, staging.opportunities,
-- staging.plausible_dates.
with
changes as (
    select
        changes.id as record_id,
        changes.lead_id as recorded_lead_id,
        changes.opportunity_id,
        changes.user_id,
        happened(changes.activity_at, changes.date_created, dates.earliest_at, dates.latest_at) as demo_at
    from raw.opportunity_status_changes as changes
    inner join settings.demo_statuses on changes.new_status_id = demo_statuses.status_id
    cross join staging.plausible_dates as dates
    where changes._deleted_at is null
),
uncounted_opportunities as (
    -- Of the changes' opportunities only: under another demo rule there are none, and no opportunity is read.
    select id from raw.opportunities where id in (select opportunity_id from changes)
    except
    select opportunity_id from staging.opportunities where opportunity_id in (select opportunity_id from changes)
)
select changes.record_id, changes.recorded_lead_id, changes.user_id, changes.demo_at
from changes
left join uncounted_opportunities on changes.opportunity_id = uncounted_opportunities.id
where uncounted_opportunities.id is null and changes.demo_at is not null
qualify row_number() over (
    partition by coalesce(changes.opportunity_id, changes.record_id) order by changes.demo_at, changes.record_id
) = 1;
