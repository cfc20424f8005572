-- One row: the local date up to which all streams are complete; null before the first sync.
select cast(min(synced_through) at time zone $zone as date) as as_of_on from sync.streams;
