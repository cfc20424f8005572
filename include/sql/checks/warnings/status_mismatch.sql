-- Warning status_mismatch: the last status change of a lead does not lead to its current status. The current status counts from the
-- lead's date_updated on. Remedy: set the lead's status in Close once more.
select
    'status_mismatch' as rule,
    'warning' as severity,
    'lead' as record_type,
    mismatches.lead_id as record_id,
    mismatches.lead_id,
    format(
        'the current status is {}, the last change led to {}: the current one counts from {} UTC on',
        coalesce(mismatches.status_label, mismatches.status_id, 'none'),
        coalesce(statuses.label, mismatches.status_id_of_last_change, 'none'),
        strftime(timezone('UTC', mismatches.wins_from_at), '%Y-%m-%d %H:%M')
    ) as detail
from staging.status_mismatches as mismatches
left join raw.lead_statuses as statuses on mismatches.status_id_of_last_change = statuses.id
order by mismatches.lead_id;
