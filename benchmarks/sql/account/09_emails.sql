-- raw.emails: five for each lead on average, two in three outgoing, a quarter of those automated.
insert into raw.emails by name
select
    made_id('acti', 'email', k) as id,
    lead_id,
    user_id,
    touched_at as activity_at,
    touched_at as date_created,
    touched_at as date_updated,
    case when share(k, 'outgoing') < 0.65 then 'outgoing' else 'incoming' end as direction,
    case when share(k, 'outgoing') < 0.62 then 'sent' when share(k, 'outgoing') < 0.65 then 'draft' else 'inbox' end as status,
    case when share(k, 'sequence') < 0.2 then made_id('seq', 'seq', floor(share(k, 'which sequence') * 30)) end as sequence_id,
    case when share(k, 'bulk') < 0.05 then made_id('bulkemail', 'bulk', floor(share(k, 'which bulk') * 300)) end as bulk_email_action_id,
    touched_at as date_sent,
    getvariable('as_of') as _synced_at,
    case when share(k, 'email deleted') < 0.002 then getvariable('as_of') end as _deleted_at
from touches
where k % 10 between 4 and 8
order by touched_at;
