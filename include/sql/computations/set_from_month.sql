-- $from_month: the first month that this computation computes anew.
update settings.run set from_month = $from_month;
