-- Grain: email_id. The counted e-mails of $first_month to $last_month, of every rep or of one (a user_id that is null: unassigned).
select
    emails.emailed_on,
    users.rep,
    emails.email_id,
    leads.display_name as lead,
    emails.lead_id
from staging.counted_emails as emails
left join staging.users as users on emails.user_id = users.user_id
left join staging.leads as leads on emails.lead_id = leads.lead_id
where
    date_trunc('month', emails.emailed_on) between cast($first_month as date) and cast($last_month as date)
    and ($every_rep or emails.user_id is not distinct from cast($user_id as varchar))
order by emails.emailed_at, emails.email_id;
