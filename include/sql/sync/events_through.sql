-- One row: when the newest entry of raw.events was read.
select max(_synced_at) as events_through from raw.events;
