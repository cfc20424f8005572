-- Win rate of the opportunities decided in the month (by date_won, date_lost), and of those created in it (decided to date). Renewals are
-- left out; those of an import day were not created on it.
-- Grain: month.
-- Inputs: staging.months, staging.opportunities.
with
decided as (
    select
        cast(date_trunc('month', coalesce(won_on, lost_on)) as date) as month,
        count(won_on) as won,
        count(lost_on) as lost
    from staging.opportunities
    where (won_on is not null or lost_on is not null) and pipeline_role <> 'renewal'
    group by all
),
created as (
    select
        cast(date_trunc('month', created_on) as date) as month,
        count(*) as created,
        count(*) filter (where is_won) as won,
        count(*) filter (where is_lost) as lost
    from staging.opportunities
    where pipeline_role <> 'renewal' and not is_imported
    group by all
)
select
    months.month,
    months.is_running,
    coalesce(decided.won, 0) as won_opportunities,
    coalesce(decided.lost, 0) as lost_opportunities,
    decided.won / nullif(decided.won + decided.lost, 0) as win_rate,
    coalesce(created.created, 0) as created_opportunities,
    coalesce(created.won, 0) as created_won_opportunities,
    coalesce(created.lost, 0) as created_lost_opportunities,
    created.won / nullif(created.won + created.lost, 0) as created_win_rate
from staging.months as months
left join decided on months.month = decided.month
left join created on months.month = created.month
order by months.month;
