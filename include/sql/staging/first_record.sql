-- One row: the local day of the account's first lead, opportunity or win in the past; null without records. Activities do not begin the
-- history: mailboxes are synced years back.
-- Inputs: settings.run, staging.counted_leads, staging.opportunities.
with
first_days as (
    select min(created_on) as first_on from staging.counted_leads
    union all
    select min(created_on) from staging.opportunities
    union all
    select min(opportunities.won_on)
    from staging.opportunities as opportunities
    cross join settings.run
    where opportunities.won_on <= cast(timezone(run.timezone, run.as_of) as date)
)
select min(first_on) as first_on from first_days;
