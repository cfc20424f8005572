-- Error unique_grain: one row per grain in every table.
with
grains as (
    select 'growth_monthly' as table_name, strftime(month, '%Y-%m') as grain from kpi.growth_monthly
    union all
    select 'mrr_movements_monthly', strftime(month, '%Y-%m') from kpi.mrr_movements_monthly
    union all
    select 'mrr_movements_yearly', year::varchar from kpi.mrr_movements_yearly
    union all
    select 'growth_yearly', format('{} {}', year, row_kind) from kpi.growth_yearly
    union all
    select 'rep_monthly', format('{} {}', strftime(month, '%Y-%m'), coalesce(user_id, 'Unassigned')) from kpi.rep_monthly
    union all
    select 'team_monthly', strftime(month, '%Y-%m') from kpi.team_monthly
    union all
    select 'source_all_time', source from kpi.source_all_time
    union all
    select 'source_total', 'total' from kpi.source_total
    union all
    select 'source_monthly', format('{} {}', strftime(cohort_month, '%Y-%m'), source) from kpi.source_monthly
    union all
    select 'pipeline_daily', format('{} {} / {}', strftime(day, '%Y-%m-%d'), pipeline, status) from kpi.pipeline_daily
    union all
    select 'win_rate_monthly', strftime(month, '%Y-%m') from kpi.win_rate_monthly
    union all
    select 'pipeline_stages', format('{} / {}', pipeline, status) from kpi.pipeline_stages
    union all
    select 'forecast_monthly', strftime(month, '%Y-%m') from kpi.forecast_monthly
    union all
    select 'cohort_monthly', format('{} {}', strftime(cohort_month, '%Y-%m'), age_months) from kpi.cohort_monthly
    union all
    select 'insights', format('{} {}', insight, coalesce(user_id, 'team')) from kpi.insights
    union all
    select 'records', place::varchar from kpi.records
    union all
    select 'record_kinds', kind from kpi.record_kinds
    union all
    select 'data_quality', format('{} {} {}', rule, record_type, record_id) from kpi.data_quality
)
select
    'unique_grain' as rule,
    'error' as severity,
    table_name as record_type,
    grain as record_id,
    null as lead_id,
    format('{} rows for one grain', count(*)) as detail
from grains
group by table_name, grain
having count(*) > 1
order by table_name, grain;
