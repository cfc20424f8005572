-- Open opportunities by pipeline and stage, a snapshot per local day of as_of: earlier days keep what they were, the same day is
-- replaced. One-time deals stand apart at face value; weighted by confidence. Age in days since creation.
-- Grain: day, pipeline, status.
-- Inputs: raw.opportunity_statuses, raw.pipelines, settings.run, staging.opportunities.
with
present as (
    select cast(timezone(timezone, as_of) as date) as day from settings.run
),
open_opportunities as (
    select
        present.day,
        coalesce(pipelines.name, opportunities.pipeline_id, '(none)') as pipeline,
        coalesce(statuses.label, opportunities.status_label, opportunities.status_id, '(none)') as status,
        opportunities.annual_cents,
        opportunities.one_time_cents,
        opportunities.confidence,
        opportunities.created_on
    from staging.opportunities as opportunities
    cross join present
    left join raw.pipelines as pipelines on opportunities.pipeline_id = pipelines.id
    left join raw.opportunity_statuses as statuses on opportunities.status_id = statuses.id
    where not opportunities.is_won and not opportunities.is_lost
)
select
    day,
    pipeline,
    status,
    count(*) as opportunities,
    sum(annual_cents)::bigint as arr_cents,
    sum(one_time_cents)::bigint as one_time_cents,
    cast(round(sum(annual_cents * confidence) / 100) as bigint) as weighted_arr_cents,
    avg(day - created_on) as avg_age_days
from open_opportunities
group by day, pipeline, status
order by day, pipeline, status;
