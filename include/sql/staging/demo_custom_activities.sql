-- Custom activities that are a demo: of the named type, published.
-- Grain: record_id.
-- Inputs: raw.custom_activities, settings.demo_activity_types, staging.plausible_dates.
select
    activities.id as record_id,
    activities.lead_id as recorded_lead_id,
    activities.user_id,
    happened(activities.activity_at, activities.date_created, dates.earliest_at, dates.latest_at) as demo_at
from raw.custom_activities as activities
inner join settings.demo_activity_types as types on activities.custom_activity_type_id = types.custom_activity_type_id
cross join staging.plausible_dates as dates
where activities._deleted_at is null and activities.status = 'published' and demo_at is not null;
