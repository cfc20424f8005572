-- Grain: email_id. The e-mails that were not deleted, nor their lead. is_counted: outgoing and sent; automated ones (of a sequence or a
-- bulk mail) only if the settings say so.
-- lead_id: the lead that holds the e-mail now; of a lead that is not known, the id as recorded. activity_at: as recorded, may be null.
create or replace view staging.emails as
select
    emails.id as email_id,
    case when displaced_leads.recorded_lead_id is null then emails.lead_id else displaced_leads.lead_id end as lead_id,
    emails.user_id,
    emails.activity_at,
    coalesce(emails.activity_at, emails.date_created) as emailed_at,
    coalesce(
        emails.direction = 'outgoing'
        and emails.status = 'sent'
        and (run.count_automated_emails or (emails.sequence_id is null and emails.bulk_email_action_id is null)),
        false
    ) as is_counted
from raw.emails as emails
cross join settings.run
left join staging.displaced_leads on emails.lead_id = displaced_leads.recorded_lead_id
where emails._deleted_at is null and not coalesce(displaced_leads.is_deleted, false);
