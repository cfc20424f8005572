-- The opportunities that differ between $from and $to in more than the lead that a merge gave them: as stream opportunities in the
-- months in which they were won and lost, as stream opportunities_created in those in which they were created. back-dated: won on a day
-- of a month that was over at the last publish ($since_day), without having been won that early before; a deal that is new to the lake
-- counts as back-dated if it was won before it was created.
-- Grain: stream, record_id. Inputs: temp.befores and temp.afters, the opportunities that differ, as they were and as they are; $zone.
with
dated as (
    select
        *,
        case when status_type = 'won' then date_won end as won_on,
        case when status_type = 'lost' then cast(timezone($zone, date_lost) as date) end as lost_on,
        cast(timezone($zone, date_created) as date) as created_on
    from (from befores union all from afters where _deleted_at is null)
),
befores as (
    select * from dated where not is_after
),
afters as (
    select * from dated where is_after
),
judged as (
    select
        coalesce(afters.id, befores.id) as record_id,
        case
            when afters.id is null then 'deleted'
            when
                befores.id is null
                and afters.won_on < afters.created_on and afters.won_on < date_trunc('month', $since_day::date)
                then 'back-dated'
            when befores.id is null then 'added'
            when
                afters.won_on < coalesce(befores.won_on, date_trunc('month', $since_day::date))
                then 'back-dated'
            when afters.status_type = 'won' and befores.status_type is distinct from 'won' then 'won'
            when afters.status_type = 'lost' and befores.status_type is distinct from 'lost' then 'lost'
            when afters.status_type = 'active' and befores.status_type in ('won', 'lost') then 'reopened'
            when
                (befores.won_on, befores.lost_on, befores.date_created, befores.value, befores.value_period)
                is distinct from (afters.won_on, afters.lost_on, afters.date_created, afters.value, afters.value_period)
                or (befores.user_id, befores.pipeline_id) is distinct from (afters.user_id, afters.pipeline_id)
                then 'changed'
        end as kind,
        [befores.created_on, afters.created_on] as created_days,
        [befores.won_on, afters.won_on, befores.lost_on, afters.lost_on] as decided_days,
        [coalesce(user_id, 'Unassigned') for user_id in [befores.user_id, afters.user_id]] as users,
        coalesce(afters.lead_id, befores.lead_id) as lead_id
    from befores
    full join afters on befores.id = afters.id
),
streams as (
    select *, unnest(['opportunities', 'opportunities_created']) as stream from judged where kind is not null
)
select
    stream,
    record_id,
    kind,
    list_distinct([
        cast(date_trunc('month', day) as date)
        for day in case stream when 'opportunities' then decided_days else created_days end
        if day is not null
    ]) as months,
    users,
    lead_id
from streams;
