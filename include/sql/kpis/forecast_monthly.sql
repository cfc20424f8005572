-- How many of the opportunities that were open on the first day of a month, and now, were expected to be won within three months, by what
-- was known on that day, and how many were. Empty: too little history, or not over yet.
-- The 95 % interval is Wilson's at the number of opportunities that would be as uncertain: it takes in that single opportunities are won or
-- not, and that the chances are learned from few. For the latter each chance counts as one more opportunity, half won.
-- Source: C. A. Franco et al., Comparative Study of Confidence Intervals for Proportions in Complex Sample Surveys (2019).
-- Grain: month.
-- Inputs: staging.forecast_opportunities, staging.forecast_stages.
with
forecasts as (
    select month, is_running, any_value(opportunities_of_all) as learned_from
    from staging.forecast_stages
    group by month, is_running
),
groups as (
    -- Stages that share an estimate are wrong together.
    select
        month,
        count(*) as opportunities,
        sum(win_chance) as expected,
        count(*) filter (where is_won) as won,
        bool_or(is_won is not null) as is_over,
        (any_value(win_chance) * any_value(learned_from) + 0.5) / (any_value(learned_from) + 1) as chance,
        any_value(learned_from) as learned_from
    from staging.forecast_opportunities
    group by month, case when is_pooled then null else status_id end, is_pooled
),
sums as (
    select
        month,
        sum(opportunities) as opportunities,
        sum(expected) as expected,
        sum(won) as won,
        bool_or(is_over) as is_over,
        sum(opportunities * chance) / sum(opportunities) as chance,
        sum(chance * (1 - chance) * (opportunities + opportunities ** 2 / (learned_from + 1))) as variance
    from groups
    group by month
),
as_uncertain as (
    select *, opportunities ** 2 * chance * (1 - chance) / variance as cases from sums
),
intervals as (
    select month, opportunities, expected, won, is_over, wilson_interval(expected / opportunities * cases, cases) as share
    from as_uncertain
)
select
    forecasts.month,
    forecasts.is_running,
    forecasts.learned_from::bigint as learned_from,
    coalesce(intervals.opportunities, 0)::bigint as open_opportunities,
    intervals.expected as expected_wins,
    intervals.opportunities * intervals.share.low as expected_wins_low,
    intervals.opportunities * intervals.share.high as expected_wins_high,
    case when intervals.is_over then intervals.won end::bigint as won_opportunities
from forecasts
left join intervals on forecasts.month = intervals.month
order by forecasts.month;
