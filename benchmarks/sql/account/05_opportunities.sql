-- raw.opportunities: a deal for each trial and each return, expansions and yearly renewals of the customers.
insert into raw.opportunities by name
with
deals as (
    select n, lead_id, user_id, 'New business' as pipeline, 0 as number, trial_at as created_at, customer_at as won_at, lost_at
    from lives
    where trial_at is not null and (customer_at is not null or share(n, 'deal') < 0.3)
    union all
    select n, lead_id, user_id, 'New business', 13, created_at + interval 1 hour, null, lost_at
    from lives
    where trial_at is null and share(n, 'deal') < 0.06 and created_at + interval 1 hour <= getvariable('as_of')
    union all
    select n, lead_id, user_id, 'New business', 1, returned_at - interval 5 day, returned_at, null
    from lives
    where returned_at is not null
    union all
    select
        n, lead_id, user_id, 'Expansion', 2 + k, opened_at, case when share(n, 'expands' || k) < 0.6 then closed_at end,
        case when share(n, 'expands' || k) > 0.7 then closed_at end
    from (
        select *, customer_at + to_days((60 + 150 * k + 90 * share(n, 'expansion' || k))::integer) as opened_at,
            opened_at + to_days((3 + 30 * share(n, 'expansion days' || k))::integer) as closed_at
        from lives
        cross join range(3) as numbers (k)
        where customer_at is not null and share(n, 'expansion of' || k) < 0.25
    )
    where closed_at <= coalesce(churned_at, getvariable('as_of'))
    union all
    select n, lead_id, user_id, 'Renewal', 6 + k, renewed_at - interval 20 day, renewed_at, null
    from (
        select *, customer_at + to_years(1 + k::integer) as renewed_at
        from lives
        cross join range(5) as numbers (k)
        where customer_at is not null
    )
    where share(n, 'renews') < 0.6 and renewed_at <= coalesce(churned_at, getvariable('as_of'))
    union all
    select n, lead_id, user_id, 'Partnerships', 12, created_at + interval 3 day, null, null
    from lives
    where share(n, 'partner') < 0.005 and created_at + interval 3 day <= getvariable('as_of')
),
decided as (
    select *, case when won_at is not null then 'won' when lost_at is not null then 'lost' else 'active' end as status_type,
        share(n, 'period' || number) as period_share
    from deals
)
select
    made_id('oppo', 'oppo', n || '-' || number) as id,
    lead_id,
    case when share(n, 'seller' || number) < 0.98 then user_id end as user_id,
    made_id('pipe', pipeline, 0) as pipeline_id,
    made_id('stat', pipeline || case status_type when 'won' then 'Won' when 'lost' then 'Lost' else 'Open' end, 0) as status_id,
    case status_type when 'won' then 'Won' when 'lost' then 'Lost' else 'Open' end as status_label,
    status_type,
    case when share(n, 'value' || number) > 0.01 then round(exp(2 * share(n, 'value' || number)) * 50)::bigint
        * case when period_share < 0.5 then 100 else 1000 end end as value,
    case when period_share < 0.5 then 'monthly' when period_share < 0.9 then 'annual' else 'one_time' end as value_period,
    floor(share(n, 'confidence' || number) * 20)::integer * 5 as confidence,
    (won_at at time zone 'America/New_York')::date as date_won,
    case when status_type = 'lost' then lost_at end as date_lost,
    created_at as date_created,
    coalesce(won_at, lost_at, created_at) as date_updated,
    getvariable('as_of') as _synced_at,
    case when share(n, 'deal deleted' || number) < 0.003 then getvariable('as_of') end as _deleted_at
from decided
order by created_at;
