-- What each user did, won and lost in a month that has any fact of theirs, and the team in every month; both over the same records.
-- close_rate_low, close_rate_high: the Wilson interval of 95 %.
-- Grain: month, is_team, user_id (null: Unassigned, or the team).
-- Inputs: staging.months, staging.rep_facts.
with
facts as (
    select *, false as is_filler from staging.rep_facts
    union all by name
    select month, true as is_filler from staging.months
),
totals as (
    select
        month,
        grouping(user_id) = 1 as is_team,
        user_id,
        coalesce(sum(new_demos), 0)::bigint as new_demos,
        coalesce(sum(won_opportunities), 0)::bigint as won_opportunities,
        coalesce(sum(lost_opportunities), 0)::bigint as lost_opportunities,
        coalesce(sum(won_renewals), 0)::bigint as won_renewals,
        coalesce(sum(lost_renewals), 0)::bigint as lost_renewals,
        coalesce(sum(cancelled_leads), 0)::bigint as cancelled_leads,
        coalesce(sum(arr_added_cents), 0)::bigint as arr_added_cents,
        coalesce(sum(one_time_won_cents), 0)::bigint as one_time_won_cents,
        count(won_opportunities) / nullif(count(won_opportunities) + count(lost_opportunities), 0) as close_rate,
        wilson_interval(count(won_opportunities), count(won_opportunities) + count(lost_opportunities)).low as close_rate_low,
        wilson_interval(count(won_opportunities), count(won_opportunities) + count(lost_opportunities)).high as close_rate_high,
        avg(days_to_close) as avg_days_to_close,
        median(days_to_close) as median_days_to_close,
        avg(calls_of_win) as avg_calls,
        avg(emails_of_win) as avg_emails,
        avg(calls_of_decision) as calls_per_decided,
        avg(emails_of_decision) as emails_per_decided,
        coalesce(sum(calls), 0)::bigint as calls,
        coalesce(sum(emails), 0)::bigint as emails,
        coalesce(sum(activities), 0)::bigint as activities,
        avg(deal_annual_cents) as avg_deal_arr_cents
    from facts
    group by grouping sets ((month, user_id), (month))
    having grouping(user_id) = 1 or not bool_and(is_filler)
)
select
    months.is_running,
    totals.* exclude (activities, avg_deal_arr_cents),
    totals.calls / nullif(months.working_days, 0) as calls_per_working_day,
    totals.emails / nullif(months.working_days, 0) as emails_per_working_day,
    totals.avg_deal_arr_cents,
    totals.activities,
    totals.activities / nullif(months.working_days, 0) as activities_per_working_day
from totals
inner join staging.months as months on totals.month = months.month;
