-- Warning decided_without_date: an opportunity is won or lost, but not dated: it counts in the sources, and in no month.
select
    'decided_without_date' as rule,
    'warning' as severity,
    'opportunity' as record_type,
    opportunity_id as record_id,
    lead_id,
    format('{} without a date: counted in the sources, in no month', case when is_won then 'won' else 'lost' end) as detail
from staging.opportunities
where (is_won and won_on is null) or (is_lost and lost_on is null)
order by opportunity_id;
