-- Grain: lead_id. The leads whose models can differ from the kept ones: their records have changed, or time has passed, from $last_as_of
-- to as_of, a status change or a date_won of theirs. With all that were merged with them, by either end.
create or replace table memory.incremental.changed_leads as
with recursive
days as (
    select
        cast(timezone(timezone, $last_as_of::timestamptz) as date) as last_day,
        cast(timezone(timezone, as_of) as date) as today
    from settings.run
),
ripened as (
    select timeline.lead_id
    from lake.incremental.lead_timeline as timeline
    cross join settings.run
    where timeline.entered_at > $last_as_of::timestamptz and timeline.entered_at <= run.as_of
    union
    select wins.lead_id
    from lake.incremental.recurring_wins as wins
    cross join days
    where wins.won_on > days.last_day and wins.won_on <= days.today
),
merges as (
    select id as source_lead_id, _merged_into as destination_lead_id from raw.leads where _merged_into is not null
    union
    select source_lead_id, destination_lead_id from raw.lead_merges
),
ties as (
    select source_lead_id as lead_id, destination_lead_id as other_lead_id from merges
    union
    select destination_lead_id, source_lead_id from merges
),
families (lead_id) as (
    select lead_id from memory.incremental.changed_records
    union
    select lead_id from ripened
    union
    select ties.other_lead_id
    from families
    inner join ties on families.lead_id = ties.lead_id
)
select lead_id from families where lead_id is not null;
