-- What the other files of this folder roll: the same account again for the same number of leads.
-- The outer hash: that of two values is only the exclusive or of theirs.
-- An account of 60 months up to the variable as_of; the variable leads says how many leads it has.
create or replace temp macro share(n, what) as hash(hash(n, what)) / 18446744073709551616.0;
create or replace temp macro pick(n, what, choices) as choices[1 + floor(share(n, what) * len(choices))::integer];
-- An id as Close makes them: a prefix and 43 letters and digits.
create or replace temp macro made_id(prefix, what, n) as
    prefix || '_' || left(translate(to_base64(from_hex(sha256(concat(what, n)))), '+/', 'Zz'), 43);
create or replace temp macro started_at() as getvariable('as_of') - interval 60 month;
-- An instant between two others, nearer to the first one the higher the power.
create or replace temp macro between_instants(a, b, share, power) as a + to_seconds((epoch(b) - epoch(a)) * pow(share, power));
