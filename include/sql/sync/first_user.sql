-- One row: when the account's first user joined Close; null where that is not known.
select min(date_created) as joined_at from raw.users;
