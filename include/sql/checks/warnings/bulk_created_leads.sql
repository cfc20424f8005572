-- Warning bulk_created_leads: a local day on which at least 50 leads and 20 % of all leads were created, and which the settings do not name
-- as an import day.
with
days as (
    select created_on, count(*) as leads, sum(count(*)) over () as all_leads
    from staging.counted_leads
    group by created_on
)
select
    'bulk_created_leads' as rule,
    'warning' as severity,
    'day' as record_type,
    cast(created_on as varchar) as record_id,
    null as lead_id,
    format(
        '{} of all {} leads were created on {}: if they were imported, name it under import_days', leads, all_leads, created_on
    ) as detail
from days
where created_on is not null and leads >= 50 and leads * 5 >= all_leads and created_on not in (select day from settings.import_days)
order by created_on;
