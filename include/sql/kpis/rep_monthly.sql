-- Grain: month, user_id (null: Unassigned). The rep report: what each user did, won and lost in each month that has any fact of theirs.
-- close_rate_low and _high: the Wilson interval of 95 %. Replaces from_month and later.
create table if not exists kpi.rep_monthly (
    month date not null,
    is_running boolean not null,
    user_id varchar,
    rep varchar not null,
    is_active boolean,
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

delete from kpi.rep_monthly
where month >= (select from_month from settings.run) or month not in (select month from staging.months);

insert into kpi.rep_monthly
with
totals as (
    select
        month,
        user_id,
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
    from staging.rep_facts
    where month >= (select from_month from settings.run)
    group by month, user_id
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
    months.month,
    months.is_running,
    intervals.user_id,
    case when intervals.user_id is null then 'Unassigned' else coalesce(users.rep, intervals.user_id) end as rep,
    case when intervals.user_id is not null then coalesce(users.is_active, false) end as is_active,
    intervals.new_demos,
    intervals.won_opportunities,
    intervals.lost_opportunities,
    intervals.cancelled_leads,
    intervals.arr_added_cents,
    intervals.one_time_won_cents,
    intervals.close_rate,
    case when intervals.decided_opportunities > 0 then greatest((intervals.center - intervals.margin) / intervals.scale, 0) end as close_rate_low,
    case when intervals.decided_opportunities > 0 then least((intervals.center + intervals.margin) / intervals.scale, 1) end as close_rate_high,
    intervals.avg_days_to_close,
    intervals.median_days_to_close,
    intervals.avg_calls,
    intervals.avg_emails,
    intervals.calls,
    intervals.emails,
    intervals.calls / nullif(months.working_days, 0) as calls_per_working_day,
    intervals.emails / nullif(months.working_days, 0) as emails_per_working_day,
    intervals.avg_deal_arr_cents
from intervals
inner join staging.months as months on intervals.month = months.month
left join staging.users as users on intervals.user_id = users.user_id
order by months.month, rep, intervals.user_id;
