-- One row: the instant of the account's first record; null without records. An activity is dated by its activity_at, else its creation.
-- Inputs: raw.leads, raw.opportunities, staging.activities.
with
first_instants as (
    select min(date_created) as first_at from raw.leads where _deleted_at is null
    union all
    select min(date_created) from raw.opportunities where _deleted_at is null
    union all
    select min(happened_at) from staging.activities
)
select min(first_at) as first_at from first_instants;
