-- Warning annual_not_renewed: where the account has renewals: a customer at as_of whose last recurring win is annual and older than 13
-- months.
with
last_wins as (
    select wins.lead_id, arg_max(opportunities.is_annual, (wins.won_on, wins.win_number)) as is_annual, max(wins.won_on) as won_on
    from staging.recurring_wins as wins
    inner join staging.opportunities as opportunities on wins.opportunity_id = opportunities.opportunity_id
    cross join settings.run
    where wins.won_on <= cast(timezone(run.timezone, run.as_of) as date)
    group by wins.lead_id
)
select
    'annual_not_renewed' as rule,
    'warning' as severity,
    'lead' as record_type,
    customers.lead_id as record_id,
    customers.lead_id,
    format('a customer whose last annual contract was won on {}, more than 13 months ago', last_wins.won_on) as detail
from staging.current_customers as customers
inner join last_wins on customers.lead_id = last_wins.lead_id
cross join settings.run
where
    last_wins.is_annual
    and last_wins.won_on < cast(timezone(run.timezone, run.as_of) as date) - interval 13 month
    and 'renewal' in (select role from settings.pipeline_roles)
order by customers.lead_id;
