-- Adds the values that differ from those published last. shown_values: the values in the workbook now, given by the program with the
-- columns of published.kpi_values but publish_id.
insert into published.kpi_values (publish_id, tab, month, entity, kpi, value, is_running)
with
last_values as (
    select tab, month, entity, kpi, value, is_running
    from published.kpi_values
    qualify row_number() over (partition by tab, month, entity, kpi order by publish_id desc) = 1
),
shown as (
    select tab, cast(month as date) as month, entity, kpi, cast(value as double) as value, is_running
    from shown_values
    where value is not null
),
compared as (
    select
        coalesce(shown.tab, last_values.tab) as tab,
        coalesce(shown.month, last_values.month) as month,
        coalesce(shown.entity, last_values.entity) as entity,
        coalesce(shown.kpi, last_values.kpi) as kpi,
        shown.value,
        last_values.value as value_before,
        coalesce(shown.is_running, last_values.is_running) as is_running,
        last_values.is_running as was_running
    from shown
    full join last_values
        on shown.tab = last_values.tab
        and shown.month is not distinct from last_values.month
        and shown.entity = last_values.entity
        and shown.kpi = last_values.kpi
)
select cast($publish_id as bigint) as publish_id, tab, month, entity, kpi, value, is_running
from compared
where value is distinct from value_before or (value is not null and is_running is distinct from was_running)
order by tab, month, entity, kpi;
