-- The users that were members when last read.
select id from raw.users where is_active;
