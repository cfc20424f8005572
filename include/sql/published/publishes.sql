-- Grain: publish_id. Each publish of the workbook: when, as of which instant, by which run, where to, and how much was written.
-- computation_id: the row of kpi.computations whose numbers it showed.
create table if not exists published.publishes (
    publish_id bigint not null,
    published_at timestamptz not null,
    as_of timestamptz not null,
    computation_id varchar not null,
    run_id varchar not null,
    spreadsheet_id varchar not null,
    url varchar not null,
    requests bigint not null,
    cells bigint not null,
    bytes bigint not null
);
