-- The user that the owner field of a lead names: by user id, else by the e-mail address or name of exactly one user; a value that is none
-- of these stands as it is.
-- Grain: lead_id.
-- Inputs: staging.counted_leads, staging.users.
with
users_by_words as (
    select words.word, any_value(words.user_id) as user_id
    from (
        select lower(email) as word, user_id from staging.users where email is not null
        union
        select lower(rep) as word, user_id from staging.users
    ) as words
    group by words.word
    having count(distinct words.user_id) = 1
)
select
    leads.lead_id,
    coalesce(users.user_id, users_by_words.user_id, leads.owner) as user_id
from staging.counted_leads as leads
left join staging.users as users on leads.owner = users.user_id
left join users_by_words on lower(leads.owner) = users_by_words.word
where leads.owner is not null;
