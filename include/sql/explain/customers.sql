-- Grain: lead_id. The customers at an instant, with the annual value that they had then, the same from from_month up to until_on, the last
-- day so far. $instant: opening (the start of $first_month), closing (the end of $last_month, as_of in the running month) or rates
-- (whichever of the two the settings let rates divide by); or ever: each value that a customer has had, by lead_id and from_month.
with
month_ends as (
    select
        case
            when $instant = 'opening' or ($instant = 'rates' and rate_denominator = 'opening')
                then cast(cast($first_month as date) - interval 1 month as date)
            else cast($last_month as date)
        end as month,
        cast(timezone(timezone, as_of) as date) as today
    from settings.run
)
select
    spans.first_month as customer_since,
    balances.from_month,
    coalesce(cast(balances.to_month - interval 1 day as date), month_ends.today) as until_on,
    leads.display_name as lead,
    balances.lead_id,
    balances.annual_cents
from staging.customer_balances as balances
cross join month_ends
inner join staging.customer_spans as spans
    on balances.lead_id = spans.lead_id
    and balances.from_month >= spans.first_month
    and (spans.churned_month is null or balances.from_month < spans.churned_month)
left join staging.leads as leads on balances.lead_id = leads.lead_id
where
    $instant = 'ever'
    or (balances.from_month <= month_ends.month and (balances.to_month is null or balances.to_month > month_ends.month))
order by lead, balances.lead_id, balances.from_month;
