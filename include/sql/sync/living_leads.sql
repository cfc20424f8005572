-- One row: how many leads Close has, as far as the lake knows.
select count(*) as leads from raw.leads where _deleted_at is null;
