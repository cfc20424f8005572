-- The members of the organisation, past and present. rep: first and last name, else e-mail address, else id.
-- Grain: user_id.
-- Inputs: raw.users.
select
    id as user_id,
    email,
    coalesce(
        nullif(concat_ws(' ', nullif(trim(first_name), ''), nullif(trim(last_name), '')), ''),
        nullif(trim(email), ''),
        id
    ) as rep,
    is_active and _deleted_at is null as is_active
from raw.users;
