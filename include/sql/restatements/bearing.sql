-- Grain: topic, month, user_id (null: any), stream, kind, actor. How many of the changed records bear on the restated values of a topic
-- and month, and who changed them as far as Close's event log tells ($since: read after the last publish).
-- reach: month, the record lies in the month; since, in it or an earlier one; cohort, its lead was created in it.
with
inputs as (
    from (values
        ('customers', 'leads', 'since'), ('customers', 'lead_status_changes', 'since'), ('customers', 'opportunities', 'since'),
        ('rates', 'leads', 'since'), ('rates', 'lead_status_changes', 'since'), ('rates', 'opportunities', 'since'),
        ('revenue', 'leads', 'since'), ('revenue', 'lead_status_changes', 'since'), ('revenue', 'opportunities', 'since'),
        ('trials', 'leads', 'month'), ('trials', 'lead_status_changes', 'since'),
        ('opened', 'leads', 'month'), ('opened', 'opportunities_created', 'month'),
        ('demos', 'leads', 'month'), ('demos', 'meetings', 'month'), ('demos', 'custom_activities', 'month'),
        ('demos', 'opportunity_status_changes', 'month'), ('demos', 'task_completions', 'month'),
        ('deals', 'leads', 'month'), ('deals', 'opportunities', 'month'),
        ('added_revenue', 'leads', 'month'), ('added_revenue', 'opportunities', 'since'),
        ('added_revenue', 'lead_status_changes', 'since'),
        ('effort', 'leads', 'month'), ('effort', 'opportunities', 'month'), ('effort', 'calls', 'since'), ('effort', 'emails', 'since'),
        ('cancelled', 'leads', 'month'), ('cancelled', 'lead_fields', 'month'), ('cancelled', 'lead_status_changes', 'month'),
        ('cancelled', 'opportunities_created', 'since'),
        ('calls', 'leads', 'since'), ('calls', 'calls', 'month'),
        ('emails', 'leads', 'since'), ('emails', 'emails', 'month'),
        ('cohort', 'leads', 'cohort'), ('cohort', 'lead_fields', 'cohort'), ('cohort', 'lead_status_changes', 'cohort'),
        ('cohort', 'opportunities', 'cohort')
    ) as inputs (topic, stream, reach)
),
questions as (
    select distinct topic, month, case when by_user then entity end as user_id from temp.restated
),
actors as (
    select object_id as record_id, arg_max(user_id, date_updated) as user_id
    from (
        select object_id, user_id, date_updated from raw.events where _synced_at > $since::timestamptz
        union all
        select merge_source_lead_id, user_id, date_updated from raw.events where _synced_at > $since::timestamptz
    )
    where object_id is not null
    group by object_id
),
records as (
    select
        changed_records.stream,
        changed_records.kind,
        list_sort(changed_records.months) as months,
        changed_records.users,
        cast(date_trunc('month', timezone($zone, leads.date_created)) as date) as cohort_month,
        coalesce(nullif(trim(concat_ws(' ', users.first_name, users.last_name)), ''), users.email) as actor,
        count(*) as records
    from temp.changed_records
    left join raw.leads as leads on changed_records.lead_id = leads.id
    left join actors on changed_records.record_id = actors.record_id
    left join raw.users as users on actors.user_id = users.id
    group by all
)
select
    questions.topic,
    questions.month,
    questions.user_id,
    records.stream,
    records.kind,
    records.actor,
    sum(records.records)::bigint as records
from questions
inner join inputs
    on questions.topic = inputs.topic
    -- Deals make no customer where the lead's status does.
    and not ($customer_basis = 'lead_status' and inputs.topic in ('customers', 'rates') and inputs.stream = 'opportunities')
inner join records
    on inputs.stream = records.stream
    and case inputs.reach
        when 'month' then list_contains(records.months, questions.month)
        when 'since' then records.months[1] <= questions.month
        else coalesce(records.cohort_month = questions.month, true)
    end
    and (questions.user_id is null or records.users is null or list_contains(records.users, questions.user_id))
group by all
order by all;
