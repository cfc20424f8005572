-- Grain: day. Weekdays that are no working days.
create table if not exists settings.holidays (day date not null);
