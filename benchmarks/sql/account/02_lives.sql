-- temp.lives: what becomes of each lead. A third of the leads goes on trial, a third of those becomes a customer, a part of them
-- leaves, a few come back. An instant after as_of has not come yet: null.
create or replace temp table lives as
with
created as (
    select n, between_instants(started_at(), getvariable('as_of'), share(n, 'created'), 0.8) as created_at
    from range(getvariable('leads')) as numbers (n)
),
trials as (
    select *, case when share(n, 'trial') < 0.3 then created_at + to_seconds(3600 + share(n, 'trial days') * 20 * 86400) end as trial_at
    from created
),
customers as (
    select *, case when share(n, 'customer') < 0.35 then trial_at + to_seconds(86400 * (3 + 40 * share(n, 'customer days'))) end
        as customer_at
    from trials
),
churns as (
    select *, case when share(n, 'churn') < 0.6 then customer_at - to_seconds(86400 * 500 * ln(1 - share(n, 'churn days'))) end
        as churned_at
    from customers
),
returns as (
    select *, case when share(n, 'return') < 0.15 then churned_at + to_seconds(86400 * (2 + 200 * share(n, 'return days'))) end
        as returned_at
    from churns
),
losses as (
    select *,
        case when trial_at is null then share(n, 'lost') < 0.25 else customer_at is null and share(n, 'lost') < 0.8 end as is_lost
    from returns
)
select
    n,
    made_id('lead', 'lead', n) as lead_id,
    made_id('user', 'user', floor(share(n, 'owner') * 50)::integer) as user_id,
    created_at,
    case when trial_at <= getvariable('as_of') then trial_at end as trial_at,
    case when customer_at <= getvariable('as_of') then customer_at end as customer_at,
    case when churned_at <= getvariable('as_of') then churned_at end as churned_at,
    case when returned_at <= getvariable('as_of') then returned_at end as returned_at,
    case when is_lost then least(
        coalesce(trial_at, created_at) + to_seconds(86400 * (5 + 60 * share(n, 'lost days'))), getvariable('as_of')
    ) end as lost_at
from losses
where created_at <= getvariable('as_of')
order by created_at;
