-- One row: the settings of the last computation, ids told as the names that Close shows.
with
demo_names as (
    select 'outcome' as kind, coalesce(outcomes.name, excluded.outcome_id) as name
    from settings.excluded_outcomes as excluded
    left join raw.outcomes as outcomes on excluded.outcome_id = outcomes.id
    union all
    select 'status' as kind, coalesce(statuses.label, demo.status_id) as name
    from settings.demo_statuses as demo
    left join raw.opportunity_statuses as statuses on demo.status_id = statuses.id
    union all
    select 'type' as kind, coalesce(types.name, demo.custom_activity_type_id) as name
    from settings.demo_activity_types as demo
    left join raw.custom_activity_types as types on demo.custom_activity_type_id = types.id
),
demo_lists as (
    select
        string_agg(name, ', ' order by name) filter (where kind = 'outcome') as excluded_outcomes,
        string_agg(name, ', ' order by name) filter (where kind = 'status') as demo_statuses,
        string_agg(name, ', ' order by name) filter (where kind = 'type') as demo_types
    from demo_names
)
select
    run.timezone,
    run.history_start,
    run.customer_basis,
    run.rate_denominator,
    run.currency,
    run.count_automated_emails,
    run.unknown_source_share_limit,
    run.demo_rule,
    run.demo_title_pattern,
    run.demo_text_pattern,
    demo_lists.excluded_outcomes,
    demo_lists.demo_statuses,
    demo_lists.demo_types,
    (select max(name) from raw.custom_fields where id = run.source_field_id) as source_field,
    (select max(name) from raw.custom_fields where id = run.owner_field_id) as owner_field,
    (select count(*) from settings.holidays) as holidays
from settings.run
cross join demo_lists;
