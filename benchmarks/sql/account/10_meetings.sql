-- raw.meetings: one for every other lead on average; a third of them demos.
insert into raw.meetings by name
select
    made_id('acti', 'meeting', k) as id,
    lead_id,
    user_id,
    touched_at as activity_at,
    touched_at as date_created,
    touched_at as date_updated,
    case
        when share(k, 'demo') < 0.35 then 'Product demo with ' || pick(k, 'with', ['sales', 'support', 'the CEO', 'two teams'])
        else pick(k, 'title', ['Kick-off', 'Weekly call', 'Review', 'Intro', null])
    end as title,
    pick(k, 'meeting status', ['completed', 'completed', 'completed', 'canceled', null]) as status,
    touched_at as starts_at,
    touched_at + interval 45 minute as ends_at,
    case when share(k, 'outcome') < 0.3 then made_id('outcome', pick(k, 'which outcome', ['Interested', 'No-show']), 0) end as outcome_id,
    'calendar' as source,
    getvariable('as_of') as _synced_at
from touches
where k % 20 = 9
order by touched_at;
