-- One row: the first local month of the opportunities that differ (see changes/feed.sql), as they were and as they are: created, won
-- or lost, and their status changes, which count only as long as the opportunity does and may be dated before its creation.
with
changed as (
    select id, date_created, date_lost, date_won
    from changes_of_opportunities
),
days as (
    select
        least(cast(date_created at time zone $zone as date), cast(date_lost at time zone $zone as date), date_won) as day
    from changed
    union all
    select cast(least(activity_at, date_created) at time zone $zone as date)
    from raw.opportunity_status_changes
    where opportunity_id in (select id from changed)
)
select cast(date_trunc('month', min(day)) as date) as month from days;
