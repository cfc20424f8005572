-- The opportunities that Close has and that were won or lost in the month of $month (won: a date; lost: an instant in the window).
select id
from raw.opportunities
where
    _deleted_at is null
    and (
        date_trunc('month', date_won) = $month
        or (date_lost >= $window_start and date_lost < $window_end)
    );
