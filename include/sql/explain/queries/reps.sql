-- Grain: user_id. The reps by what people may call them.
select user_id, rep, email from staging.users order by rep, user_id;
