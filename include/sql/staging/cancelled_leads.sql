-- Leads that entered a churned or lost status in the month, by their first such entry. Credited to the lead's owner, else the user of its
-- newest opportunity created before that instant, else the user who changed the status. Only reported months.
-- Grain: month, lead_id.
-- Inputs: staging.lead_owners, staging.lead_timeline, staging.opportunities, staging.utc_days.
with
entries as (
    select
        case when timeline.entered_at >= utc_days.next_month_at then utc_days.next_month else utc_days.month end as month,
        timeline.lead_id,
        timeline.step,
        timeline.entered_at,
        timeline.user_id
    from staging.lead_timeline as timeline
    inner join staging.utc_days as utc_days on epoch_us(timeline.entered_at) // 86400000000 = utc_days.utc_day
    where timeline.role in ('churned', 'lost') and timeline.is_move
),
cancellations as (
    select month, lead_id, entered_at as cancelled_at, user_id as changed_by_user_id
    from entries
    where month is not null
    qualify row_number() over (partition by lead_id, month order by entered_at, step) = 1
),
newest_opportunities as (
    select cancellations.month, cancellations.lead_id, opportunities.user_id
    from cancellations
    inner join staging.opportunities as opportunities
        on cancellations.lead_id = opportunities.lead_id and cancellations.cancelled_at > opportunities.created_at
    qualify row_number() over (
        partition by cancellations.month, cancellations.lead_id
        order by opportunities.created_at desc, opportunities.opportunity_id desc
    ) = 1
)
select
    cancellations.month,
    cancellations.lead_id,
    cancellations.cancelled_at,
    coalesce(owners.user_id, newest_opportunities.user_id, cancellations.changed_by_user_id) as user_id
from cancellations
left join newest_opportunities
    on cancellations.lead_id = newest_opportunities.lead_id and cancellations.month = newest_opportunities.month
left join staging.lead_owners as owners on cancellations.lead_id = owners.lead_id;
