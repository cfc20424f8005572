-- Open opportunities by pipeline and stage, a snapshot per local day of as_of: earlier days keep what they were, the same day is
-- replaced. One-time deals stand apart at face value; weighted by confidence. Age in days since creation.
-- Grain: day, pipeline, status.
-- Inputs: settings.run, staging.open_opportunities.
select
    cast(timezone(run.timezone, run.as_of) as date) as day,
    opportunities.pipeline,
    opportunities.status,
    count(*) as opportunities,
    sum(opportunities.annual_cents)::bigint as arr_cents,
    sum(opportunities.one_time_cents)::bigint as one_time_cents,
    cast(round(sum(opportunities.annual_cents * opportunities.confidence) / 100) as bigint) as weighted_arr_cents,
    avg(opportunities.age_days) as avg_age_days
from staging.open_opportunities as opportunities
cross join settings.run
group by all
order by day, opportunities.pipeline, opportunities.status;
