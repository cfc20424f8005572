-- Warning won_before_created: an opportunity's date_won lies before its creation, or a lead's first win before the lead's creation: left
-- out of the days to close. Renewals and what was imported are left out of them anyway.
with
opportunities as (
    select
        'opportunity' as record_type,
        opportunity_id as record_id,
        lead_id,
        format('won on {}, created on {}: left out of the days to close', won_on, created_on) as detail
    from staging.opportunities
    where won_on < created_on and pipeline_role <> 'renewal' and not is_imported
),
leads as (
    select
        'lead' as record_type,
        lead_id as record_id,
        lead_id,
        format('first win on {}, lead created on {}: left out of the time to close', first_won_on, created_on) as detail
    from staging.lead_results
    where first_won_on < created_on and not is_imported
)
select 'won_before_created' as rule, 'warning' as severity, record_type, record_id, lead_id, detail from opportunities
union all
select 'won_before_created', 'warning', record_type, record_id, lead_id, detail from leads
order by record_type, record_id;
