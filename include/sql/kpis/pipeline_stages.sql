-- Open opportunities as of the last run by pipeline and stage, in Close's order (position), with how many are overdue: open for more than
-- twice the median days to close of the sales of the last twelve months. One-time deals stand apart at face value.
-- Grain: pipeline, status.
-- Inputs: staging.open_opportunities.
select
    pipeline,
    status,
    row_number() over (
        order by min(pipeline_position) nulls last, pipeline, min(status_position) nulls last, status
    ) as position,
    count(*) as opportunities,
    sum(annual_cents)::bigint as arr_cents,
    cast(round(sum(annual_cents * confidence) / 100) as bigint) as weighted_arr_cents,
    sum(one_time_cents)::bigint as one_time_cents,
    avg(age_days) as avg_age_days,
    count(*) filter (where is_overdue) as overdue_opportunities,
    max(median_days) as sales_cycle_days
from staging.open_opportunities
group by pipeline, status
order by position;
