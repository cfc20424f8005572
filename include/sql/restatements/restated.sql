-- Grain: tab, month, entity, kpi. The values of completed months that differ from those published last, each with the topic of its KPI.
-- by_user: only records of the rep bear on it.
create or replace temp table restated as
with
values_of_months as (
    select tab, month, entity, kpi, value_before as before, value as after
    from temp.compared
    where is_different and was_completed
)
select
    tab,
    month,
    entity,
    kpi,
    before,
    after,
    tab = 'Sources monthly' and kpi <> 'total_leads' as is_to_date,
    case
        when tab = 'Sources monthly' then 'cohort'
        when tab = 'MRR movements' or kpi in ('arr_cents', 'mrr_cents') then 'revenue'
        when kpi in ('churn_rate', 'gross_growth_rate', 'net_growth_rate') then 'rates'
        when kpi in ('new_demos', 'demos_done') then 'demos'
        when kpi = 'new_trials' then 'trials'
        when kpi = 'opened_opportunities' then 'opened'
        when tab = 'Growth' then 'customers'
        when kpi = 'cancelled_leads' then 'cancelled'
        when kpi = 'arr_added_cents' then 'added_revenue'
        when kpi in ('avg_calls', 'avg_emails') then 'effort'
        when kpi in ('calls', 'calls_per_working_day') then 'calls'
        when kpi in ('emails', 'emails_per_working_day') then 'emails'
        else 'deals'
    end as topic,
    tab = 'Reps' and entity <> 'Team' and topic in ('demos', 'added_revenue', 'calls', 'emails', 'deals') as by_user
from values_of_months
order by month desc, tab, entity, kpi;
