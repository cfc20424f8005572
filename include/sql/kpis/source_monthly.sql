-- Grain: source, cohort_month. What came to date of the leads of each source that were created in the month. Computed anew: a win
-- changes the row of the month in which its lead was created.
create table if not exists kpi.source_monthly (
    cohort_month date not null,
    source varchar not null,
    total_leads bigint not null,
    won_opportunities bigint not null,
    lost_opportunities bigint not null,
    win_rate double,
    lead_conversion double,
    avg_days_to_close double,
    median_days_to_close double,
    avg_arr_per_won_account_cents double,
    total_arr_cents bigint not null,
    current_arr_cents bigint not null
);

delete from kpi.source_monthly;

insert into kpi.source_monthly
select
    cohort_month,
    source,
    count(*) as total_leads,
    coalesce(sum(won_opportunities), 0) as won_opportunities,
    coalesce(sum(lost_opportunities), 0) as lost_opportunities,
    sum(won_opportunities) / nullif(sum(won_opportunities) + sum(lost_opportunities), 0) as win_rate,
    count(*) filter (where has_win) / nullif(count(*), 0) as lead_conversion,
    avg(days_to_close) as avg_days_to_close,
    median(days_to_close) as median_days_to_close,
    sum(won_annual_cents) / nullif(count(*) filter (where has_recurring_win), 0) as avg_arr_per_won_account_cents,
    coalesce(sum(won_annual_cents), 0) as total_arr_cents,
    coalesce(sum(current_annual_cents), 0) as current_arr_cents
from staging.lead_results
where cohort_month in (select month from staging.months)
group by cohort_month, source
order by cohort_month, source;
