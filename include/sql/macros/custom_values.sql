-- The text of a custom field's JSON value; of a multi-value field that of the first value; null where unset.
create or replace macro first_text(field) as
    case when json_type(field) = 'ARRAY' then field ->> '$[0]' else field ->> '$' end;
