-- Grain: tab, month, entity, kpi. The values in the workbook now beside those published last, where they differ.
-- shown_values: the values in the workbook now, given by the program with the columns of published.kpi_values but publish_id.
-- was_completed: some value of the month was published when the month was over, and the KPI had been published before.
-- Values count as equal up to the digits that depend on the order in which a mean was summed up.
create or replace temp table compared as
with
last_values as (
    select tab, month, entity, kpi, value, is_running
    from published.kpi_values
    qualify row_number() over (partition by tab, month, entity, kpi order by publish_id desc) = 1
),
completed_months as (
    select distinct month from last_values where value is not null and not is_running
),
known_kpis as (
    select distinct tab, kpi from last_values
),
shown as (
    select tab, cast(month as date) as month, entity, kpi, cast(value as double) as value, is_running
    from shown_values
    where value is not null
),
paired as (
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
),
judged as (
    select
        *,
        value is distinct from value_before
        and coalesce(abs(value - value_before) > 1e-9 * greatest(abs(value), abs(value_before)), true) as is_different,
        month in (select month from completed_months) and (tab, kpi) in (select (tab, kpi) from known_kpis) as was_completed
    from paired
)
select tab, month, entity, kpi, value, value_before, is_running, is_different, coalesce(was_completed, false) as was_completed
from judged
where is_different or (value is not null and is_running is distinct from was_running);
