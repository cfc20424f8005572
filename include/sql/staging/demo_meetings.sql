-- Meetings that are a demo, under the rule meeting: the title matches, they took place, and their outcome is not an excluded one.
-- Grain: record_id.
-- Inputs: raw.meetings, settings.excluded_outcomes, settings.run, staging.plausible_dates.
with
demo_titles as (
    select titles.title
    from (
        -- Under another demo rule no meeting is read.
        select distinct meetings.title
        from raw.meetings as meetings
        cross join settings.run
        where run.demo_rule = 'meeting' and meetings.title is not null
    ) as titles
    -- Once more: a pattern from within would be matched with every row, not with every title.
    cross join settings.run
    where regexp_matches(titles.title, run.demo_title_pattern)
)
select
    meetings.id as record_id,
    meetings.lead_id as recorded_lead_id,
    meetings.user_id,
    meetings.starts_at as demo_at
from raw.meetings as meetings
inner join demo_titles on meetings.title = demo_titles.title
left join settings.excluded_outcomes on meetings.outcome_id = excluded_outcomes.outcome_id
cross join settings.run
cross join staging.plausible_dates as dates
where
    meetings._deleted_at is null
    and meetings.starts_at between dates.earliest_at and dates.latest_at
    and (meetings.status = 'completed' or (meetings.status is null and meetings.ends_at between dates.earliest_at and run.as_of))
    and excluded_outcomes.outcome_id is null;
