-- raw.calls: four for each lead on average.
insert into raw.calls by name
select
    made_id('acti', 'call', k) as id,
    lead_id,
    user_id,
    touched_at as activity_at,
    touched_at as date_created,
    touched_at as date_updated,
    case when share(k, 'outbound') < 0.8 then 'outbound' else 'inbound' end as direction,
    pick(k, 'call status', ['completed', 'completed', 'completed', 'no-answer', 'no-answer', 'cancel', 'failed']) as status,
    pick(k, 'disposition', ['answered', 'answered', 'no-answer', 'vm-left', null]) as disposition,
    floor(pow(share(k, 'duration'), 4) * 1800)::integer as duration,
    getvariable('as_of') as _synced_at,
    case when share(k, 'call deleted') < 0.002 then getvariable('as_of') end as _deleted_at
from touches
where k % 10 < 4
order by touched_at;
