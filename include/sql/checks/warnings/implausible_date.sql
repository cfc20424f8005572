-- Warning implausible_date: a date before 1990, or more than ten years after as_of: read as missing.
with
types_with_mistyped as (
    -- The activities of the others, most often of all, need not be looked through.
    select distinct counts.activity_type
    from staging.activity_counts as counts
    cross join staging.plausible_dates as dates
    where counts.earliest_at < dates.earliest_at or counts.latest_at > dates.latest_at
),
mistyped_activities as (
    select
        activities.activity_type as record_type,
        activities.activity_id as record_id,
        activities.lead_id,
        mistyped('activity_at', activities.activity_at, dates.earliest_at, dates.latest_at)
        || mistyped('date_created', activities.date_created, dates.earliest_at, dates.latest_at)
        || mistyped('starts_at', activities.starts_at, dates.earliest_at, dates.latest_at)
        || mistyped('ends_at', activities.ends_at, dates.earliest_at, dates.latest_at) as dates
    from staging.activities as activities
    semi join types_with_mistyped as types on activities.activity_type = types.activity_type
    cross join staging.plausible_dates as dates
    where
        not activities.lead_is_deleted
        and (
            least(activities.activity_at, activities.date_created, activities.starts_at, activities.ends_at) < dates.earliest_at
            or greatest(activities.activity_at, activities.date_created, activities.starts_at, activities.ends_at) > dates.latest_at
        )
),
mistyped_leads as (
    select
        'lead' as record_type,
        leads.id as record_id,
        leads.id as lead_id,
        mistyped('date_created', leads.date_created, dates.earliest_at, dates.latest_at)
        || mistyped('date_updated', leads.date_updated, dates.earliest_at, dates.latest_at) as dates
    from raw.leads as leads
    anti join staging.displaced_leads as displaced on leads.id = displaced.recorded_lead_id
    cross join staging.plausible_dates as dates
    where
        least(leads.date_created, leads.date_updated) < dates.earliest_at
        or greatest(leads.date_created, leads.date_updated) > dates.latest_at
),
mistyped_opportunities as (
    select
        'opportunity' as record_type,
        opportunities.id as record_id,
        counted.lead_id,
        mistyped('date_won', opportunities.date_won, dates.earliest_on, dates.latest_on)
        || mistyped('date_lost', opportunities.date_lost, dates.earliest_at, dates.latest_at)
        || mistyped('date_created', opportunities.date_created, dates.earliest_at, dates.latest_at) as dates
    from raw.opportunities as opportunities
    inner join staging.opportunities as counted on opportunities.id = counted.opportunity_id
    cross join staging.plausible_dates as dates
),
records as (
    select * from mistyped_leads
    union all
    select * from mistyped_opportunities
    union all
    select * from mistyped_activities
)
select
    'implausible_date' as rule,
    'warning' as severity,
    record_type,
    record_id,
    lead_id,
    format('{}: read as missing', rtrim(dates, ', ')) as detail
from records
where dates <> ''
order by record_type, record_id;
