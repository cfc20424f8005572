-- Error months_complete: the monthly reports have every month from the first to the running one, and no other.
with
reported as (
    select 'growth_monthly' as report, month, is_running from kpi.growth_monthly
    union all
    select 'mrr_movements_monthly', month, is_running from kpi.mrr_movements_monthly
    union all
    select 'team_monthly', month, is_running from kpi.team_monthly
),
reports as (
    select distinct report from reported
    union
    select unnest(['growth_monthly', 'mrr_movements_monthly', 'team_monthly'])
),
expected as (
    select reports.report, months.month, months.is_running
    from reports
    cross join staging.months as months
),
differences as (
    (select 'missing' as problem, * from (select * from expected except select * from reported))
    union all
    (select 'not expected' as problem, * from (select * from reported except select * from expected))
)
select
    'months_complete' as rule,
    'error' as severity,
    'month' as record_type,
    strftime(month, '%Y-%m') as record_id,
    null as lead_id,
    format('{}: month {} (running: {})', report, problem, is_running) as detail
from differences
order by record_id, detail;
