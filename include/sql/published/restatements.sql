-- Grain: publish_id, tab, month, entity, kpi. Each value of a completed month that a publish showed otherwise than the publish before.
-- entity: the user's id, Unassigned, Team, the source, or Total; name: what readers call it. before, after: in the unit of the table of
-- schema kpi, null where nothing was shown. is_to_date: what has become of a month's leads to date, which moves on with their deals.
-- cause: what changed underneath, in words; the counts are of the records that bear on the value, null where the lake cannot tell.
create table if not exists kpi.restatements (
    publish_id bigint not null,
    restated_at timestamptz not null,
    run_id varchar not null,
    tab varchar not null,
    month date not null,
    entity varchar not null,
    name varchar not null,
    kpi varchar not null,
    before double,
    after double,
    is_to_date boolean not null,
    cause varchar not null,
    records_added bigint,
    records_changed bigint,
    records_deleted bigint,
    records_merged bigint
);
