-- One row: distinct ids read, of these new in the table, of these changed in the table.
select
    (select count(distinct id) from temp.incoming) as read,
    (select count(*) filter (where is_new) from temp.applied) as inserted,
    (select count(*) filter (where not is_new) from temp.applied) as updated;
