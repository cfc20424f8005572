-- Grain: publish_id, tab, month, entity, kpi. The values as published, each from the publish on that first showed it: a publish adds
-- only what differs from before. What stood in the workbook after publish p is, for each tab, month, entity and kpi, the row with
-- the largest publish_id up to p.
-- month: null for all-time values. entity: the user's id, the source, or Total; value: in the unit of the table of schema kpi, null
-- once it is no longer shown. is_running: whether the month was still running.
create table if not exists published.kpi_values (
    publish_id bigint not null,
    tab varchar not null,
    month date,
    entity varchar not null,
    kpi varchar not null,
    value double,
    is_running boolean not null
);
