-- Warning won_without_customer: a recurring opportunity was won, but its lead was no customer at any time since the day of the win, so
-- that its value is in no MRR.
with
customers as (
    select lead_id, max(coalesce(ended_on, date 'infinity')) as last_customer_on
    from staging.customer_periods
    group by lead_id
)
select
    'won_without_customer' as rule,
    'warning' as severity,
    'opportunity' as record_type,
    opportunities.opportunity_id as record_id,
    opportunities.lead_id,
    format('won on {}, but its lead has not been a customer since', opportunities.won_on) as detail
from staging.opportunities as opportunities
cross join settings.run
left join customers on opportunities.lead_id = customers.lead_id
where
    opportunities.is_won
    and opportunities.is_recurring
    and opportunities.won_on <= cast(timezone(run.timezone, run.as_of) as date)
    and (customers.last_customer_on is null or customers.last_customer_on < opportunities.won_on)
order by opportunities.won_on, opportunities.opportunity_id;
