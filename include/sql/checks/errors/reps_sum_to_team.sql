-- Error reps_sum_to_team: the rows of the reps, Unassigned among them, sum to the team's row, and the demos to the growth report's.
with
reps as (
    select
        month,
        sum(new_demos) as new_demos,
        sum(won_opportunities) as won_opportunities,
        sum(lost_opportunities) as lost_opportunities,
        sum(won_renewals) as won_renewals,
        sum(lost_renewals) as lost_renewals,
        sum(cancelled_leads) as cancelled_leads,
        sum(arr_added_cents) as arr_added_cents,
        sum(one_time_won_cents) as one_time_won_cents,
        sum(calls) as calls,
        sum(emails) as emails,
        sum(activities) as activities
    from kpi.rep_monthly
    group by month
),
pairs as (
    select
        team.month,
        unnest([
            {'kpi': 'new_demos', 'of_reps': reps.new_demos, 'of_team': team.new_demos},
            {'kpi': 'demos_done', 'of_reps': reps.new_demos, 'of_team': growth.demos_done},
            {'kpi': 'won_opportunities', 'of_reps': reps.won_opportunities, 'of_team': team.won_opportunities},
            {'kpi': 'lost_opportunities', 'of_reps': reps.lost_opportunities, 'of_team': team.lost_opportunities},
            {'kpi': 'won_renewals', 'of_reps': reps.won_renewals, 'of_team': team.won_renewals},
            {'kpi': 'lost_renewals', 'of_reps': reps.lost_renewals, 'of_team': team.lost_renewals},
            {'kpi': 'cancelled_leads', 'of_reps': reps.cancelled_leads, 'of_team': team.cancelled_leads},
            {'kpi': 'arr_added_cents', 'of_reps': reps.arr_added_cents, 'of_team': team.arr_added_cents},
            {'kpi': 'one_time_won_cents', 'of_reps': reps.one_time_won_cents, 'of_team': team.one_time_won_cents},
            {'kpi': 'calls', 'of_reps': reps.calls, 'of_team': team.calls},
            {'kpi': 'emails', 'of_reps': reps.emails, 'of_team': team.emails},
            {'kpi': 'activities', 'of_reps': reps.activities, 'of_team': team.activities}
        ]) as pair
    from kpi.team_monthly as team
    left join reps on team.month = reps.month
    left join kpi.growth_monthly as growth on team.month = growth.month
)
select
    'reps_sum_to_team' as rule,
    'error' as severity,
    'month' as record_type,
    strftime(month, '%Y-%m') as record_id,
    null as lead_id,
    format('{}: the reps sum to {}, the team has {}', pair.kpi, coalesce(pair.of_reps, 0), pair.of_team) as detail
from pairs
where coalesce(pair.of_reps, 0) is distinct from pair.of_team
order by month, detail;
