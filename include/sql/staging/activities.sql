-- The activities that were not deleted, with what a rep report counts of them. lead_id: the lead that holds the activity now; null where
-- that one was deleted. activity_at, date_created, a meeting's starts_at and ends_at: as recorded. happened_at: activity_at, else the
-- creation, as far as they are believed. is_counted: a call that was placed (outbound) or answered (inbound); an e-mail that went out
-- and was sent, automated ones (of a sequence or a bulk mail) only if the settings say so; an SMS or a WhatsApp message that was sent; a
-- note. SMS, notes and WhatsApp messages are there only as long as the settings have them read. Never one of a deleted lead, which leaves
-- every number but the first month.
-- Grain: activity_id.
-- Inputs: raw.calls, raw.custom_activities, raw.emails, raw.lead_status_changes, raw.meetings, raw.notes, raw.opportunity_status_changes,
-- raw.sms, raw.task_completions, raw.whatsapp_messages, settings.read_streams, settings.run, staging.displaced_leads,
-- staging.plausible_dates.
with
recorded as (
    select
        'call' as activity_type,
        id,
        lead_id,
        user_id,
        activity_at,
        date_created,
        null::timestamptz as starts_at,
        null::timestamptz as ends_at,
        case direction
            when 'outbound' then coalesce(status, '') not in ('cancel', 'failed', 'created', 'in-progress')
            when 'inbound' then coalesce(disposition = 'answered' or (disposition is null and duration > 0), false)
            else false
        end as is_counted
    from raw.calls
    where _deleted_at is null
    union all
    select
        'email',
        emails.id,
        emails.lead_id,
        emails.user_id,
        emails.activity_at,
        emails.date_created,
        null,
        null,
        coalesce(emails.direction = 'outgoing' and emails.status = 'sent', false)
        and (run.count_automated_emails or (emails.sequence_id is null and emails.bulk_email_action_id is null))
    from raw.emails as emails
    cross join settings.run
    where emails._deleted_at is null
    union all
    select 'meeting', id, lead_id, user_id, activity_at, date_created, starts_at, ends_at, false
    from raw.meetings
    where _deleted_at is null
    union all
    select 'custom_activity', id, lead_id, user_id, activity_at, date_created, null, null, false
    from raw.custom_activities
    where _deleted_at is null
    union all
    select 'lead_status_change', id, lead_id, user_id, activity_at, date_created, null, null, false
    from raw.lead_status_changes
    where _deleted_at is null
    union all
    select 'opportunity_status_change', id, lead_id, user_id, activity_at, date_created, null, null, false
    from raw.opportunity_status_changes
    where _deleted_at is null
    union all
    select 'task_completion', id, lead_id, user_id, activity_at, date_created, null, null, false
    from raw.task_completions
    where _deleted_at is null
    union all
    select 'sms', id, lead_id, user_id, activity_at, date_created, null, null, coalesce(direction = 'outbound' and status = 'sent', false)
    from raw.sms
    where _deleted_at is null and 'sms' in (select stream from settings.read_streams)
    union all
    select 'note', id, lead_id, user_id, activity_at, date_created, null, null, true
    from raw.notes
    where _deleted_at is null and 'notes' in (select stream from settings.read_streams)
    union all
    select 'whatsapp_message', id, lead_id, user_id, activity_at, date_created, null, null, coalesce(direction = 'outgoing', false)
    from raw.whatsapp_messages
    where _deleted_at is null and 'whatsapp_messages' in (select stream from settings.read_streams)
)
select
    recorded.activity_type,
    recorded.id as activity_id,
    case when displaced_leads.recorded_lead_id is null then recorded.lead_id else displaced_leads.lead_id end as lead_id,
    coalesce(displaced_leads.is_deleted, false) as lead_is_deleted,
    recorded.user_id,
    recorded.activity_at,
    recorded.date_created,
    recorded.starts_at,
    recorded.ends_at,
    happened(recorded.activity_at, recorded.date_created, dates.earliest_at, dates.latest_at) as happened_at,
    recorded.is_counted and not coalesce(displaced_leads.is_deleted, false) as is_counted
from recorded
cross join staging.plausible_dates as dates
left join staging.displaced_leads on recorded.lead_id = displaced_leads.recorded_lead_id;
