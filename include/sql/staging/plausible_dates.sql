-- One row: from when to when a date or an instant is believed: 1990 to ten years after as_of; one beyond was mistyped.
-- Inputs: settings.run.
select
    timestamptz '1990-01-01 00:00:00+00' as earliest_at,
    as_of + interval 10 year as latest_at,
    date '1990-01-01' as earliest_on,
    cast(timezone(timezone, as_of + interval 10 year) as date) as latest_on
from settings.run;
