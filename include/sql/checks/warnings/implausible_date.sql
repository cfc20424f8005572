-- Warning implausible_date: a date before 1990, or more than ten years after as_of: read as missing.
with
activities as (
    select 'call' as record_type, id, lead_id, activity_at, date_created, null::timestamptz as starts_at, null::timestamptz as ends_at
    from raw.calls
    where _deleted_at is null
    union all
    select 'email', id, lead_id, activity_at, date_created, null, null
    from raw.emails
    where _deleted_at is null
    union all
    select 'custom_activity', id, lead_id, activity_at, date_created, null, null
    from raw.custom_activities
    where _deleted_at is null
    union all
    select 'lead_status_change', id, lead_id, activity_at, date_created, null, null
    from raw.lead_status_changes
    where _deleted_at is null
    union all
    select 'opportunity_status_change', id, lead_id, activity_at, date_created, null, null
    from raw.opportunity_status_changes
    where _deleted_at is null
    union all
    select 'task_completion', id, lead_id, activity_at, date_created, null, null
    from raw.task_completions
    where _deleted_at is null
    union all
    select 'meeting', id, lead_id, activity_at, date_created, starts_at, ends_at
    from raw.meetings
    where _deleted_at is null
),
mistyped_activities as (
    select
        activities.record_type,
        activities.id as record_id,
        case when displaced.recorded_lead_id is null then activities.lead_id else displaced.lead_id end as lead_id,
        mistyped('activity_at', activities.activity_at, dates.earliest_at, dates.latest_at)
        || mistyped('date_created', activities.date_created, dates.earliest_at, dates.latest_at)
        || mistyped('starts_at', activities.starts_at, dates.earliest_at, dates.latest_at)
        || mistyped('ends_at', activities.ends_at, dates.earliest_at, dates.latest_at) as dates
    from activities
    cross join staging.plausible_dates as dates
    left join staging.displaced_leads as displaced on activities.lead_id = displaced.recorded_lead_id
    where
        not coalesce(displaced.is_deleted, false)
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
    semi join staging.leads as counted on leads.id = counted.lead_id
    cross join staging.plausible_dates as dates
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
