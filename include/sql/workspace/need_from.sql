-- From here on, the models of activities (calls, e-mails, demos, wins, cancellations) keep to what the months from $from_month on need, in
-- any time zone; of the month before it they may have a part. A reader without this variable gets all months.
set variable needed_from = timezone('UTC', cast($from_month::date - 1 as timestamp));
