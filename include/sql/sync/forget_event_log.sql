-- Makes room for the new position in the event log.
delete from sync.event_log;
