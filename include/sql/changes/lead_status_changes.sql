-- One row: the first local month of the lead status changes that differ (see changes/feed.sql), and of their leads' creation.
with
changed as (
    select lead_id, activity_at, date_created
    from changes_of_lead_status_changes
),
instants as (
    select least(activity_at, date_created) as moment from changed
    union all
    select date_created as moment from raw.leads where id in (select lead_id from changed)
)
select cast(date_trunc('month', min(moment) at time zone $zone) as date) as month from instants;
