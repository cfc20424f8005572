-- raw.opportunity_status_changes: into a proposal, then won or lost.
insert into raw.opportunity_status_changes by name
with
moves as (
    select
        *, date_created + (date_updated - date_created) / 2 as moved_at,
        'Open' as old_label, 'active' as old_type, 'Proposal' as new_label, 'active' as new_type
    from raw.opportunities
    union all
    select *, date_updated, 'Proposal', 'active', status_label, status_type
    from raw.opportunities
    where status_type <> 'active'
)
select
    made_id('acti', 'deal ' || new_label, id) as id,
    lead_id,
    user_id,
    moved_at as activity_at,
    moved_at as date_created,
    moved_at as date_updated,
    id as opportunity_id,
    made_id('stat', old_label, 1) as old_status_id,
    old_label as old_status_label,
    old_type as old_status_type,
    made_id('stat', new_label, 1) as new_status_id,
    new_label as new_status_label,
    new_type as new_status_type,
    pipeline_id as old_pipeline_id,
    pipeline_id as new_pipeline_id,
    getvariable('as_of') as _synced_at
from moves
order by moved_at;
