-- Error rates_within_range: a rate of counts lies between 0 and 1, and within its interval. A churn rate over the closing customers may
-- pass 1: only a churn rate over the opening ones is held to it.
with
rates as (
    select 'growth_monthly.churn_rate' as kpi, strftime(month, '%Y-%m') as grain, churn_rate as rate, 0.0 as low,
        case run.rate_denominator when 'opening' then 1.0 else churn_rate end as high
    from kpi.growth_monthly
    cross join settings.run
    union all
    select 'growth_monthly.gross_growth_rate', strftime(month, '%Y-%m'), gross_growth_rate, 0.0, gross_growth_rate
    from kpi.growth_monthly
    union all
    select 'growth_yearly.churn_rate', year::varchar, churn_rate, 0.0, 1.0
    from kpi.growth_yearly
    where row_kind = 'year'
    union all
    select 'mrr_movements_monthly.customer_retention_12m', strftime(month, '%Y-%m'), customer_retention_12m, 0.0, 1.0
    from kpi.mrr_movements_monthly
    union all
    select 'rep_monthly.close_rate', format('{} {}', strftime(month, '%Y-%m'), rep), close_rate,
        greatest(close_rate_low, 0.0), least(close_rate_high, 1.0)
    from kpi.rep_monthly
    union all
    select 'team_monthly.close_rate', strftime(month, '%Y-%m'), close_rate, greatest(close_rate_low, 0.0), least(close_rate_high, 1.0)
    from kpi.team_monthly
    union all
    select 'source_all_time.win_rate', source, win_rate, 0.0, 1.0 from kpi.source_all_time
    union all
    select 'source_all_time.lead_conversion', source, lead_conversion, 0.0, 1.0 from kpi.source_all_time
    union all
    select 'source_monthly.win_rate', format('{} {}', strftime(cohort_month, '%Y-%m'), source), win_rate, 0.0, 1.0
    from kpi.source_monthly
    union all
    select 'source_monthly.lead_conversion', format('{} {}', strftime(cohort_month, '%Y-%m'), source), lead_conversion, 0.0, 1.0
    from kpi.source_monthly
    union all
    select 'cohort_monthly.customer_retention', format('{} {}', strftime(cohort_month, '%Y-%m'), age_months), customer_retention, 0.0, 1.0
    from kpi.cohort_monthly
    union all
    select 'win_rate_monthly.win_rate', strftime(month, '%Y-%m'), win_rate, 0.0, 1.0 from kpi.win_rate_monthly
)
select
    'rates_within_range' as rule,
    'error' as severity,
    kpi as record_type,
    grain as record_id,
    null as lead_id,
    format('{} is not between {} and {}', rate, low, high) as detail
from rates
-- The bounds of an interval are computed in floating point: a rate of exactly 0 or 1 may lie a last digit outside.
where isnan(rate) or rate < low - 1e-12 or rate > high + 1e-12
order by kpi, grain;
