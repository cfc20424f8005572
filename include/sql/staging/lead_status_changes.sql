-- Grain: change_id. The status changes of the leads that count, numbered per lead by (instant, id).
create or replace view staging.lead_status_changes as
with
changes as (
    select
        changes.id as change_id,
        lead_ids.lead_id,
        changes.user_id,
        changes.old_status_id,
        changes.new_status_id,
        coalesce(changes.activity_at, changes.date_created) as changed_at
    from raw.lead_status_changes as changes
    inner join staging.lead_ids on changes.lead_id = lead_ids.recorded_lead_id
    where changes._deleted_at is null and lead_ids.lead_id is not null
)
select
    change_id,
    lead_id,
    user_id,
    old_status_id,
    new_status_id,
    changed_at,
    row_number() over (partition by lead_id order by changed_at, change_id) as change_number,
    count(*) over (partition by lead_id) as changes_of_lead
from changes;
