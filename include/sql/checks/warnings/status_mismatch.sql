-- Warning status_mismatch: the last status change of a lead does not lead to its current status. The current status counts from the
-- lead's date_updated on.
select
    'status_mismatch' as rule,
    'warning' as severity,
    'lead' as record_type,
    timeline.lead_id as record_id,
    timeline.lead_id,
    format(
        'no status change leads to the current status {}: it counts from {} UTC on',
        coalesce(leads.status_label, leads.status_id, 'none'),
        strftime(timezone('UTC', timeline.entered_at), '%Y-%m-%d %H:%M')
    ) as detail
from staging.lead_timeline as timeline
inner join raw.leads as leads on timeline.lead_id = leads.id
where timeline.entry = 'current'
order by timeline.lead_id;
