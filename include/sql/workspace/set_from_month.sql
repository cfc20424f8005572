-- $from_month: the first month that is computed anew.
update memory.settings.run set from_month = $from_month;
