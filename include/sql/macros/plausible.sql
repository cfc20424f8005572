-- A date or instant within the bounds of staging.plausible_dates, else null: a mistyped one is read as missing.
create or replace macro plausible(moment, earliest, latest) as
    case when moment between earliest and latest then moment end;

-- When an activity happened: its activity_at, else its creation, as far as they are believed, else null.
create or replace macro happened(activity_at, date_created, earliest, latest) as
    coalesce(plausible(activity_at, earliest, latest), plausible(date_created, earliest, latest));

-- `field value, ` where a date or instant is set, but lies beyond the bounds, else an empty text.
create or replace macro mistyped(field, moment, earliest, latest) as
    case when moment < earliest or moment > latest then field || ' ' || moment::varchar || ', ' else '' end;
