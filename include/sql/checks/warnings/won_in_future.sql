-- Warning won_in_future: an opportunity is won, but its date_won lies after as_of.
select
    'won_in_future' as rule,
    'warning' as severity,
    'opportunity' as record_type,
    opportunities.opportunity_id as record_id,
    opportunities.lead_id,
    format('won, but dated {}', opportunities.won_on) as detail
from staging.opportunities as opportunities
cross join settings.run
where opportunities.won_on > cast(timezone(run.timezone, run.as_of) as date)
order by opportunities.opportunity_id;
