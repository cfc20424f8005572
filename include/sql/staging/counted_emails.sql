-- Grain: email_id. The e-mails that count: outgoing and sent; automated ones (of a sequence or a bulk mail) only if the settings say so.
create or replace view staging.counted_emails as
select
    emails.id as email_id,
    lead_ids.lead_id,
    emails.user_id,
    coalesce(emails.activity_at, emails.date_created) as emailed_at,
    cast(timezone(run.timezone, coalesce(emails.activity_at, emails.date_created)) as date) as emailed_on
from raw.emails as emails
left join staging.lead_ids on emails.lead_id = lead_ids.recorded_lead_id
cross join settings.run
where
    emails._deleted_at is null
    and not coalesce(lead_ids.is_deleted, false)
    and emails.direction = 'outgoing'
    and emails.status = 'sent'
    and (run.count_automated_emails or (emails.sequence_id is null and emails.bulk_email_action_id is null));
