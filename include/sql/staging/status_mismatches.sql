-- Grain: lead_id. Leads whose current status is not the one that their last status change led to: the current status wins from
-- wins_from_at, the lead's date_updated, on.
create or replace view staging.status_mismatches as
select
    leads.lead_id,
    leads.status_id,
    leads.status_label,
    last_changes.new_status_id as status_id_of_last_change,
    coalesce(leads.updated_at, last_changes.changed_at) as wins_from_at
from staging.leads as leads
inner join staging.lead_status_changes as last_changes
    on leads.lead_id = last_changes.lead_id and last_changes.change_number = last_changes.changes_of_lead
where leads.status_id is distinct from last_changes.new_status_id;
