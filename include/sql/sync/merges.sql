-- One row per lead that events read since $after (null: ever) say was merged: the lead that took it over.
select merge_source_lead_id as source_lead_id, arg_max(merge_destination_lead_id, date_updated) as destination_lead_id
from raw.events
where
    merge_source_lead_id is not null
    and merge_destination_lead_id is not null
    and ($after::timestamptz is null or _synced_at > $after)
group by merge_source_lead_id;
