-- At most one row: the customers of $month at its start and end, those gained and lost between the two, and the moves into and out of
-- customer statuses within it.
with
steps as (
    select
        cast(timezone(run.timezone, timeline.entered_at) as date) as entered_on,
        timeline.role,
        lag(timeline.role) over (partition by timeline.lead_id order by timeline.entered_at, timeline.step) as previous_role
    from staging.lead_timeline as timeline
    cross join settings.run
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
from kpi.growth_monthly as growth
cross join moves
where growth.month = cast($month as date);
