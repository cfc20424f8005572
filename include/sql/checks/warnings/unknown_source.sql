-- Warning unknown_source: the share of leads without a source is above its limit.
select
    'unknown_source' as rule,
    'warning' as severity,
    'source' as record_type,
    sources.source as record_id,
    null as lead_id,
    format(
        '{:.1f} % of {} leads have no source; the limit is {:.1f} %{}',
        100.0 * sources.total_leads / total.total_leads,
        total.total_leads,
        100.0 * run.unknown_source_share_limit,
        case when run.source_field_id is null then ' (the settings name no source_field)' else '' end
    ) as detail
from kpi.source_all_time as sources
cross join kpi.source_total as total
cross join settings.run
where sources.source = '(none)' and sources.total_leads / total.total_leads > run.unknown_source_share_limit;
