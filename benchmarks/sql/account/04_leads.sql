-- raw.leads: a source of twelve (a few unset), an owner for some; one in two hundred deleted, as many merged away.
insert into raw.leads by name
with
current_labels as (
    select *,
        case greatest(created_at, trial_at, customer_at, churned_at, returned_at, lost_at)
            when returned_at then 'Customer'
            when churned_at then 'Churned'
            when customer_at then 'Customer'
            when lost_at then 'Lost'
            when trial_at then 'Trial'
            else 'Potential'
        end as label
    from lives
)
select
    lead_id as id,
    format('Company {}', n) as display_name,
    made_id('stat', case when share(n, 'mismatch') < 0.002 then 'Customer' else label end, 0) as status_id,
    case when share(n, 'mismatch') < 0.002 then 'Customer' else label end as status_label,
    'https://app.close.com/lead/' || lead_id || '/' as html_url,
    json_merge_patch(
        json_object('cf_size', floor(share(n, 'size') * 500)),
        case when share(n, 'has source') < 0.92 then json_object(
            'cf_source', 'Source ' || chr((65 + floor(pow(share(n, 'source'), 2) * 12))::integer)
        ) else '{}' end,
        case when share(n, 'has owner') < 0.4 then json_object('cf_owner', user_id) else '{}' end
    ) as custom,
    created_at as date_created,
    greatest(created_at, trial_at, customer_at, churned_at, returned_at, lost_at) as date_updated,
    getvariable('as_of') as _synced_at,
    case when share(n, 'deleted') < 0.005 then getvariable('as_of') end as _deleted_at,
    case when share(n, 'merged') < 0.005 then made_id('lead', 'lead', floor(share(n, 'into') * getvariable('leads'))::integer) end
        as _merged_into
from current_labels
order by created_at;
