-- At most one row: the organisation whose rows the lake holds.
select id, name from raw.organization where _deleted_at is null;
