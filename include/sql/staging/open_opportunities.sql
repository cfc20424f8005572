-- The opportunities that are neither won nor lost, with their pipeline and stage as Close calls and orders them, and their age in days.
-- Overdue: open for more than twice the median days to close of the sales of the last twelve months, median_days; empty where none was won.
-- Grain: opportunity_id.
-- Inputs: raw.opportunity_statuses, raw.pipelines, settings.run, staging.decided_opportunities, staging.opportunities.
with
present as (
    select cast(timezone(timezone, as_of) as date) as today from settings.run
),
sales_cycle as (
    select median(decided.days_to_close) as median_days
    from staging.decided_opportunities as decided
    cross join present
    where decided.decided_on > present.today - interval 12 month and decided.decided_on <= present.today
)
select
    opportunities.opportunity_id,
    opportunities.lead_id,
    opportunities.user_id,
    coalesce(pipelines.name, opportunities.pipeline_id, '(none)') as pipeline,
    pipelines.position as pipeline_position,
    coalesce(statuses.label, opportunities.status_label, opportunities.status_id, '(none)') as status,
    statuses.position as status_position,
    opportunities.annual_cents,
    opportunities.one_time_cents,
    opportunities.confidence,
    opportunities.created_on,
    present.today - opportunities.created_on as age_days,
    sales_cycle.median_days,
    present.today - opportunities.created_on > 2 * sales_cycle.median_days as is_overdue
from staging.opportunities as opportunities
cross join present
cross join sales_cycle
left join raw.pipelines as pipelines on opportunities.pipeline_id = pipelines.id
left join raw.opportunity_statuses as statuses on opportunities.status_id = statuses.id
where not opportunities.is_won and not opportunities.is_lost;
