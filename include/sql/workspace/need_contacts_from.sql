-- From here on, the calls and e-mails behind wins are read from the creation of the first of the needed wins on (see need_from.sql).
set variable contacts_from = (
    select coalesce(min(created_at), timestamptz 'infinity')
    from memory.staging.opportunities
    where is_won and won_on >= cast(timezone('UTC', getvariable('needed_from')) as date)
);
