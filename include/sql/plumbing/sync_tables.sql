-- How far Close has been read: the tables of lake.sync.

-- name: streams
-- Grain: stream. How far each stream is complete.
-- synced_through: as_of of the last sync that completed it; updated_through: changes in Close up to here are in the lake, by Close's clock;
-- events_through: the entries of raw.events read (_synced_at) up to here have been followed.
create table if not exists lake.sync.streams (
    stream varchar not null,
    synced_through timestamptz not null,
    updated_through timestamptz,
    events_through timestamptz
);

-- name: loads
-- Grain: stream. The loads of whole streams that are under way, with the position in time at which each began: a killed task resumes
-- its load, and follows the changes since then. Columns as in sync.streams.
create table if not exists lake.sync.loads (
    stream varchar not null,
    updated_through timestamptz,
    events_through timestamptz,
    started_at timestamptz not null
);

-- name: windows
-- Grain: stream, window. The windows of date_created that have been loaded completely; null is open.
create table if not exists lake.sync.windows (
    stream varchar not null,
    window_start timestamptz,
    window_end timestamptz,
    loaded_at timestamptz not null
);

-- name: event_log
-- One row: how far Close's event log has been read: the newest entry (event_id, event_at, by Close's clock), when (read_at, the as_of of
-- the sync), and the newest _synced_at in raw.events (events_through).
create table if not exists lake.sync.event_log (
    event_id varchar,
    event_at timestamptz,
    read_at timestamptz not null,
    events_through timestamptz not null
);

-- name: missing
-- Grain: stream, id. What a comparison of a whole stream that is under way did not find in Close, though no event says that it was deleted.
create table if not exists lake.sync.missing (
    stream varchar not null,
    id varchar not null
);

-- name: reconciled
-- Grain: stream. Up to which date_created the lake was held against Close last, null for its end, and when.
create table if not exists lake.sync.reconciled (
    stream varchar not null,
    through timestamptz,
    compared_at timestamptz not null
);

-- name: reader
-- One row: whose API key read Close last (user_id, and their role then).
create table if not exists lake.sync.reader (
    user_id varchar not null,
    role_id varchar,
    read_at timestamptz not null
);

-- name: contact_fields
-- One row: what is read of contacts beside ids, dates and counts.
create table if not exists lake.sync.contact_fields (
    fields varchar[] not null
);

-- name: views
-- One row: of which models the lake shows the staging views.
create table if not exists lake.sync.views (
    models_hash varchar not null
);

-- name: complete
-- Grain: snapshot_id. The snapshots of the lake that numbers may be computed from: in them, every stream is read up to as_of.
create table if not exists lake.sync.complete (
    snapshot_id bigint not null,
    as_of timestamptz not null,
    recorded_at timestamptz not null
);

-- name: identity
-- One row: which lake this is, wherever it lies, and since when.
create table if not exists lake.sync.identity (
    lake_id varchar not null,
    created_at timestamptz not null
);
