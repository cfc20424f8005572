-- Grain: one row. The total row of the source report, over the same records (not an average of rows). Computed anew.
create table if not exists kpi.source_total (
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

delete from kpi.source_total;

insert into kpi.source_total
select
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
from staging.lead_results;
