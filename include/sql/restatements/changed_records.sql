-- Grain: stream, record_id. The records that differ between the last publish and now, filled by the queries of the folder changed.
-- kind: added, changed, back-dated, won, lost, reopened, deleted, merged. months: the local months that it lies in, as it was and as it is.
-- users: of the record, as it was and as it is; null: it bears on every rep. lead_id: its lead.
create or replace temp table changed_records (
    stream varchar,
    record_id varchar,
    kind varchar,
    months date[],
    users varchar[],
    lead_id varchar
);
