-- Grain: email_id. The e-mails that count: outgoing and sent; automated ones only if the settings say so.
create or replace view staging.counted_emails as
select
    emails.email_id,
    emails.lead_id,
    emails.user_id,
    emails.emailed_at,
    cast(timezone(run.timezone, emails.emailed_at) as date) as emailed_on
from staging.emails as emails
cross join settings.run
where emails.is_counted;
