-- For each day on which a forecast is made, how likely an opportunity that is open in a stage is won within three months. Made on the first
-- days of the months that are reported, of the last fifteen at most, and now (is_running).
-- Learned from the stages of the 24 months before that day, and from nothing later: of the opportunities that stood in the stage one month
-- before, two months before and so on, how many were won in the first, the second and the third month after, as far as these were over on
-- the day. What has not been won by then counts as not won, a lost one for ever: 1 - (1 - share of the first month) x (1 - that of the
-- second, among those not won yet) x (1 - that of the third) is the Kaplan-Meier estimate of the cumulative incidence of a win, with the
-- loss as the competing event. A stage through which fewer than ten opportunities have come takes the shares of all stages together
-- (is_pooled). win_chance is empty below 20 opportunities in all: too little history.
-- Source: J. P. Fine and R. J. Gray, A Proportional Hazards Model for the Subdistribution of a Competing Risk (1999), section 3.1.
-- Grain: month, status_id (empty where there is no stage yet).
-- Inputs: settings.run, staging.months, staging.opportunities, staging.stage_spells.
with
forecasts as (
    select
        months.month,
        months.is_running,
        case when months.is_running then cast(timezone(run.timezone, run.as_of) as date) else months.month end as made_on
    from staging.months as months
    cross join settings.run
    qualify row_number() over (order by months.month desc) <= 16
),
looks as (
    select
        forecasts.month,
        back.months_ago,
        cast(forecasts.made_on - to_months(back.months_ago) as date) as looked_on
    from forecasts
    cross join (select unnest(range(1, 25)) as months_ago) as back
),
days as (
    select distinct
        looked_on,
        cast(looked_on - interval 1 month as date) as month_before,
        cast(looked_on + interval 1 month as date) as second_from,
        cast(looked_on + interval 2 month as date) as third_from,
        cast(looked_on + interval 3 month as date) as ends_before
    from looks
),
wins_after as (
    select spells.opportunity_id, spells.from_on, min(wins.from_on) as won_on
    from staging.stage_spells as spells
    inner join staging.stage_spells as wins
        on spells.opportunity_id = wins.opportunity_id and spells.to_on <= wins.from_on
    where spells.type = 'active' and wins.type = 'won'
    group by spells.opportunity_id, spells.from_on
),
active_spells as (
    select spells.status_id, spells.from_on, coalesce(spells.to_on, date '9999-12-31') as to_on, wins_after.won_on
    from staging.stage_spells as spells
    left join wins_after on spells.opportunity_id = wins_after.opportunity_id and spells.from_on = wins_after.from_on
    where spells.type = 'active'
),
counts as (
    -- Who stands in the stage at the beginning of the day; who did so a month before has been counted as an opportunity already.
    select
        days.looked_on,
        spells.status_id,
        count(*) as opportunities,
        count(*) filter (where spells.from_on >= days.month_before) as new_opportunities,
        count(*) filter (where spells.won_on < days.second_from) as won_in_first,
        count(*) filter (where spells.won_on >= days.second_from and spells.won_on < days.third_from) as won_in_second,
        count(*) filter (where spells.won_on >= days.third_from and spells.won_on < days.ends_before) as won_in_third
    from days
    inner join active_spells as spells on days.looked_on > spells.from_on and days.looked_on <= spells.to_on
    group by days.looked_on, spells.status_id
),
learned as (
    select
        looks.month,
        counts.status_id,
        grouping(counts.status_id) = 1 as is_of_all,
        sum(case when looks.months_ago = 24 then counts.opportunities else counts.new_opportunities end) as opportunities,
        sum(counts.opportunities) as in_first,
        sum(counts.won_in_first) as won_in_first,
        coalesce(sum(counts.opportunities - counts.won_in_first) filter (where looks.months_ago >= 2), 0) as in_second,
        sum(counts.won_in_second) filter (where looks.months_ago >= 2) as won_in_second,
        coalesce(
            sum(counts.opportunities - counts.won_in_first - counts.won_in_second) filter (where looks.months_ago >= 3), 0
        ) as in_third,
        sum(counts.won_in_third) filter (where looks.months_ago >= 3) as won_in_third,
        coalesce(sum(counts.opportunities) filter (where looks.months_ago >= 3), 0) as seen_whole
    from looks
    inner join counts on looks.looked_on = counts.looked_on
    group by grouping sets ((looks.month, counts.status_id), (looks.month))
),
chances as (
    select
        month,
        status_id,
        is_of_all,
        opportunities,
        seen_whole > 0 and opportunities >= case when is_of_all then 20 else 10 end as is_enough,
        1
        - (1 - won_in_first / in_first)
        * (1 - coalesce(won_in_second / nullif(in_second, 0), 0))
        * (1 - coalesce(won_in_third / nullif(in_third, 0), 0)) as win_chance
    from learned
),
stages as (
    select distinct status_id from staging.stage_spells
    union
    select status_id from staging.opportunities
)
select
    forecasts.month,
    forecasts.is_running,
    forecasts.made_on,
    stages.status_id,
    coalesce(of_all.opportunities, 0) as opportunities_of_all,
    coalesce(of_all.is_enough, false) and not coalesce(of_stage.is_enough, false) as is_pooled,
    case
        when of_all.is_enough and of_stage.is_enough then of_stage.opportunities
        when of_all.is_enough then of_all.opportunities
    end as learned_from,
    case
        when of_all.is_enough and of_stage.is_enough then of_stage.win_chance
        when of_all.is_enough then of_all.win_chance
    end as win_chance
from forecasts
left join stages on true
left join chances as of_all on forecasts.month = of_all.month and of_all.is_of_all
left join chances as of_stage
    on forecasts.month = of_stage.month and not of_stage.is_of_all and stages.status_id = of_stage.status_id;
