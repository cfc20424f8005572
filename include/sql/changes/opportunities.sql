-- One row: the first local month of the opportunities that differ between $from and $to, as they were and as they are: created, won or lost.
select
    cast(
        date_trunc('month', min(least(
            cast(date_created at time zone $zone as date),
            cast(date_lost at time zone $zone as date),
            date_won
        ))) as date
    ) as month
from ducklake_table_changes('lake', 'raw', 'opportunities', $from::bigint, $to::bigint);
