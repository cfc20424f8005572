-- Grain: opportunity_id. Won opportunities with a date_won, and what it took to win them: days from creation to win (empty where the
-- win is dated before the creation), counted calls and e-mails by anyone on the lead from the creation to the end of the day of the win.
create or replace view staging.won_opportunities as
with
wins as (
    select opportunity_id, lead_id, user_id, is_recurring, annual_cents, one_time_cents, created_at, created_on, won_on
    from staging.opportunities
    where is_won and won_on is not null
),
calls as (
    select wins.opportunity_id, count(*) as calls
    from wins
    inner join staging.counted_calls as calls
        on wins.lead_id = calls.lead_id and calls.called_at >= wins.created_at and calls.called_on <= wins.won_on
    group by wins.opportunity_id
),
emails as (
    select wins.opportunity_id, count(*) as emails
    from wins
    inner join staging.counted_emails as emails
        on wins.lead_id = emails.lead_id and emails.emailed_at >= wins.created_at and emails.emailed_on <= wins.won_on
    group by wins.opportunity_id
)
select
    wins.opportunity_id,
    wins.lead_id,
    wins.user_id,
    wins.won_on,
    case when wins.won_on >= wins.created_on then wins.won_on - wins.created_on end as days_to_close,
    coalesce(calls.calls, 0) as calls,
    coalesce(emails.emails, 0) as emails,
    case when wins.is_recurring then wins.annual_cents end as deal_annual_cents,
    coalesce(recurring_wins.added_annual_cents, 0) as added_annual_cents,
    wins.one_time_cents
from wins
left join calls on wins.opportunity_id = calls.opportunity_id
left join emails on wins.opportunity_id = emails.opportunity_id
left join staging.recurring_wins on wins.opportunity_id = recurring_wins.opportunity_id;
