-- Each lead that was merged away, with the lead that holds its children and history now; a destination that was itself merged later is
-- followed to the end.
-- Grain: source_lead_id.
-- Inputs: raw.lead_merges, raw.leads.
with recursive
merges as (
    select id as source_lead_id, _merged_into as destination_lead_id, 1 as preference
    from raw.leads
    where _merged_into is not null
    union all
    select source_lead_id, destination_lead_id, 2 as preference
    from raw.lead_merges
    where merge_status = 'completed' and source_lead_id is not null and destination_lead_id is not null
),
merge_of_lead as (
    select source_lead_id, arg_min(destination_lead_id, preference) as destination_lead_id
    from merges
    where source_lead_id <> destination_lead_id
    group by source_lead_id
),
steps as (
    select source_lead_id, destination_lead_id from merge_of_lead
    union
    select steps.source_lead_id, merge_of_lead.destination_lead_id
    from steps
    inner join merge_of_lead on steps.destination_lead_id = merge_of_lead.source_lead_id
)
select source_lead_id, destination_lead_id
from steps
where destination_lead_id not in (select source_lead_id from merge_of_lead);
