-- Grain: stream. How far each stream is complete.
-- synced_through: as_of of the last sync that completed it; updated_through: changes in Close up to here are in the lake, by Close's clock;
-- events_through: the entries of raw.events read (_synced_at) up to here have been followed.
create table if not exists sync.streams (
    stream varchar not null,
    synced_through timestamptz not null,
    updated_through timestamptz,
    events_through timestamptz
);
