-- Grain: month. The team total below the rep report, over the same records (not an average of rows); a row for every month.
-- Replaces from_month and later.
create table if not exists kpi.team_monthly (
    month date not null,
    is_running boolean not null,
    new_demos bigint not null,
    won_opportunities bigint not null,
    lost_opportunities bigint not null,
    cancelled_leads bigint not null,
    arr_added_cents bigint not null,
    one_time_won_cents bigint not null,
    close_rate double,
    close_rate_low double,
    close_rate_high double,
    avg_days_to_close double,
    median_days_to_close double,
    avg_calls double,
    avg_emails double,
    calls bigint not null,
    emails bigint not null,
    calls_per_working_day double,
    emails_per_working_day double,
    avg_deal_arr_cents double
);

delete from kpi.team_monthly
where month >= (select from_month from settings.run) or month not in (select month from staging.months);

insert into kpi.team_monthly
with
months as (
    select month, is_running, working_days
    from staging.months
    where month >= (select from_month from settings.run)
),
totals as (
    select
        months.month,
        months.is_running,
        months.working_days,
        coalesce(sum(new_demos), 0) as new_demos,
        coalesce(sum(won_opportunities), 0) as won_opportunities,
        coalesce(sum(lost_opportunities), 0) as lost_opportunities,
        coalesce(sum(won_opportunities), 0) + coalesce(sum(lost_opportunities), 0) as decided_opportunities,
        coalesce(sum(cancelled_leads), 0) as cancelled_leads,
        coalesce(sum(arr_added_cents), 0) as arr_added_cents,
        coalesce(sum(one_time_won_cents), 0) as one_time_won_cents,
        avg(days_to_close) as avg_days_to_close,
        median(days_to_close) as median_days_to_close,
        avg(calls_of_deal) as avg_calls,
        avg(emails_of_deal) as avg_emails,
        coalesce(sum(calls), 0) as calls,
        coalesce(sum(emails), 0) as emails,
        avg(deal_annual_cents) as avg_deal_arr_cents
    from months
    left join staging.rep_facts as facts on months.month = facts.month
    group by months.month, months.is_running, months.working_days
),
close_rates as (
    select
        *,
        won_opportunities / nullif(decided_opportunities, 0) as close_rate,
        pow(1.959963984540054, 2) as z2
    from totals
),
intervals as (
    select
        *,
        close_rate + z2 / (2 * decided_opportunities) as center,
        sqrt(z2 * (close_rate * (1 - close_rate) / decided_opportunities + z2 / (4 * pow(decided_opportunities, 2)))) as margin,
        1 + z2 / decided_opportunities as scale
    from close_rates
)
select
    month,
    is_running,
    new_demos,
    won_opportunities,
    lost_opportunities,
    cancelled_leads,
    arr_added_cents,
    one_time_won_cents,
    close_rate,
    case when decided_opportunities > 0 then greatest((center - margin) / scale, 0) end as close_rate_low,
    case when decided_opportunities > 0 then least((center + margin) / scale, 1) end as close_rate_high,
    avg_days_to_close,
    median_days_to_close,
    avg_calls,
    avg_emails,
    calls,
    emails,
    calls / nullif(working_days, 0) as calls_per_working_day,
    emails / nullif(working_days, 0) as emails_per_working_day,
    avg_deal_arr_cents
from intervals
order by month;
