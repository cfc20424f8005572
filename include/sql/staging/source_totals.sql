-- What came to date of all leads, of those of each source, and of those of each source that were created in a month; all over the same
-- records, none an average of rows.
-- Grain: scope (total, source, cohort), source, cohort_month.
-- Inputs: staging.lead_results.
select
    case grouping(source, cohort_month) when 3 then 'total' when 1 then 'source' else 'cohort' end as scope,
    source,
    cohort_month,
    count(*) as total_leads,
    coalesce(sum(won_opportunities), 0)::bigint as won_opportunities,
    coalesce(sum(lost_opportunities), 0)::bigint as lost_opportunities,
    sum(won_opportunities) / nullif(sum(won_opportunities) + sum(lost_opportunities), 0) as win_rate,
    count(*) filter (where has_win) / nullif(count(*), 0) as lead_conversion,
    avg(days_to_close) as avg_days_to_close,
    median(days_to_close) as median_days_to_close,
    sum(added_annual_cents) / nullif(count(*) filter (where has_recurring_win), 0) as avg_arr_per_won_account_cents,
    coalesce(sum(added_annual_cents), 0)::bigint as total_arr_cents,
    coalesce(sum(current_annual_cents), 0)::bigint as current_arr_cents
from staging.lead_results
group by grouping sets ((source, cohort_month), (source), ());
