-- One row: the instant that all the data is complete up to.
select min(synced_through) as as_of from sync.streams;
