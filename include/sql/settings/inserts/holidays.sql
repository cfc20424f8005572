-- $rows: a list of days.
insert into settings.holidays (day) select unnest(cast($rows as date[]));
