-- What the reports say of a month, beside what Close's own reports say. raw, staging and settings are those of the workspace.

-- name: customers
-- At most one row: the customers of $month at its start and end, those gained and lost between the two, and the moves into and out of
-- customer statuses within it.
with
steps as (
    select
        cast(timezone(run.timezone, timeline.entered_at) as date) as entered_on,
        timeline.role,
        lag(timeline.role) over (partition by timeline.lead_id order by timeline.entered_at, timeline.step) as previous_role
    from memory.staging.lead_timeline as timeline
    cross join memory.settings.run
    where timeline.entered_at <= run.as_of
),
moves as (
    select
        count(*) filter (where role = 'customer' and previous_role is distinct from 'customer') as entered,
        count(*) filter (where previous_role = 'customer' and role <> 'customer') as "left"
    from steps
    where date_trunc('month', entered_on) = cast($month as date)
)
select
    growth.opening_customers as started,
    growth.total_customers as ended,
    growth.new_customers + growth.reactivated_customers as gained,
    growth.churned_customers as lost,
    moves.entered,
    moves."left"
from lake.kpi.growth_monthly as growth
cross join moves
where growth.month = cast($month as date);

-- name: status_changes
-- Grain: id. The lead status changes that were created from $start to before $end, as the last computation saw them.
select id, lead_id
from memory.raw.lead_status_changes
where _deleted_at is null and date_created >= $start and date_created < $end;

-- name: status_mismatches
-- Grain: lead_id. The leads whose history does not lead to their status: Close's report goes by the history, the KPIs by the status.
select lead_id, detail from lake.kpi.data_quality where rule = 'status_mismatch' order by lead_id;

-- name: wins
-- Grain: id. The opportunities with date_won in $month that are won, of all pipelines, as the last computation saw them.
-- is_counted: it counts in the reports; one of an ignored pipeline or a deleted lead does not.
select
    opportunities.id,
    opportunities.lead_id,
    opportunities.value,
    opportunities.value_period,
    counted.opportunity_id is not null as is_counted
from memory.raw.opportunities as opportunities
left join memory.staging.opportunities as counted on opportunities.id = counted.opportunity_id
where
    opportunities._deleted_at is null
    and opportunities.status_type = 'won'
    and date_trunc('month', opportunities.date_won) = cast($month as date);

-- name: published_wins
-- At most one row: the won opportunities of $month in the rep report's team row.
select won_opportunities + won_renewals as won_opportunities from lake.kpi.team_monthly where month = cast($month as date);
