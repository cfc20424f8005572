-- temp.busy_leads: leads that people write to and call, those on trial and customers, numbered from 0.
create or replace temp table busy_leads as
select row_number() over (order by n) - 1 as number, n
from lives
where trial_at is not null;

-- temp.touches: who touches which lead when, numbered; each activity takes the first of them, by its own factor per lead.
-- Half of them concern the busy leads, most soon after the lead came in.
create or replace temp table touches as
with
chosen as (
    select
        k,
        case
            when share(k, 'busy') < 0.5 then busy_leads.n
            else floor(share(k, 'any') * getvariable('leads'))::bigint
        end as n
    from range(10 * getvariable('leads')) as numbers (k)
    left join busy_leads on busy_leads.number = floor(share(k, 'which') * (select count(*) from busy_leads))::bigint
)
select
    chosen.k,
    lives.lead_id,
    case
        when share(chosen.k, 'rep') < 0.7 then lives.user_id
        when share(chosen.k, 'rep') < 0.98 then made_id('user', 'user', floor(share(chosen.k, 'other') * 50)::integer)
    end as user_id,
    date_trunc('second', between_instants(lives.created_at, getvariable('as_of'), share(chosen.k, 'when'), 3)) as touched_at
from chosen
inner join lives on chosen.n = lives.n;
