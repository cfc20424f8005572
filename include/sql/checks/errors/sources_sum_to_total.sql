-- Error sources_sum_to_total: the rows of the sources sum to the total row; the months of a source that begin with the first record sum
-- to its row of all time.
with
sources as (
    select
        coalesce(sum(total_leads), 0) as total_leads,
        coalesce(sum(won_opportunities), 0) as won_opportunities,
        coalesce(sum(lost_opportunities), 0) as lost_opportunities,
        coalesce(sum(total_arr_cents), 0) as total_arr_cents,
        coalesce(sum(current_arr_cents), 0) as current_arr_cents
    from kpi.source_all_time
),
leads_counted as (
    select leads as total_leads from staging.lead_total
),
revenue as (
    select coalesce(sum(annual_cents), 0) as current_arr_cents from staging.current_customers
),
pairs as (
    select
        unnest([
            {'kpi': 'total_leads', 'of_sources': sources.total_leads, 'of_total': total.total_leads},
            {'kpi': 'total_leads of the account', 'of_sources': sources.total_leads, 'of_total': leads_counted.total_leads},
            {'kpi': 'won_opportunities', 'of_sources': sources.won_opportunities, 'of_total': total.won_opportunities},
            {'kpi': 'lost_opportunities', 'of_sources': sources.lost_opportunities, 'of_total': total.lost_opportunities},
            {'kpi': 'total_arr_cents', 'of_sources': sources.total_arr_cents, 'of_total': total.total_arr_cents},
            {'kpi': 'current_arr_cents', 'of_sources': sources.current_arr_cents, 'of_total': total.current_arr_cents},
            {'kpi': 'current_arr_cents of the customers', 'of_sources': sources.current_arr_cents, 'of_total': revenue.current_arr_cents}
        ]) as pair
    from sources
    cross join kpi.source_total as total
    cross join leads_counted
    cross join revenue
)
select
    'sources_sum_to_total' as rule,
    'error' as severity,
    'kpi' as record_type,
    pair.kpi as record_id,
    null as lead_id,
    format('the sources sum to {}, the total has {}', pair.of_sources, pair.of_total) as detail
from pairs
where pair.of_sources is distinct from pair.of_total
order by record_id;
