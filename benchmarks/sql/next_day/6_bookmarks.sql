-- Everything has been read up to the end of that day.
update sync.streams set synced_through = getvariable('as_of') + interval 1 day;
