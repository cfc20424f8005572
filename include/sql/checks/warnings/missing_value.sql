-- Warning missing_value: a won recurring opportunity without a value: it counts 0.
select
    'missing_value' as rule,
    'warning' as severity,
    'opportunity' as record_type,
    opportunity_id as record_id,
    lead_id,
    format('won on {} without a value: counted as 0', coalesce(cast(won_on as varchar), 'no date')) as detail
from staging.opportunities
where is_won and is_recurring and is_value_missing
order by opportunity_id;
