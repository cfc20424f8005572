-- Grain: publish_id, tab, month, entity, kpi. What the workbook shows of kpi.restatements: the newest $most of each kind, newest first.
-- all_rows: how many there are of the kind.
select
    restated_at,
    tab,
    month,
    name,
    kpi,
    before,
    after,
    is_to_date,
    cause,
    records_added,
    records_changed,
    records_deleted,
    records_merged,
    count(*) over (partition by is_to_date) as all_rows
from (from kpi.restatements union all by name from new_restatements)
qualify row_number() over (partition by is_to_date order by publish_id desc, month desc, tab, name, entity, kpi) <= $most
order by is_to_date, publish_id desc, month desc, tab, name, entity, kpi;
