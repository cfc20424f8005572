-- Task completions that are a demo, under the rule task: the task's text matches; a task completed again counts once, by its last
-- completion.
-- Grain: record_id.
-- Inputs: raw.task_completions, settings.run, staging.plausible_dates.
with
demo_texts as (
    select texts.task_text
    from (
        -- Under another demo rule no task is read.
        select distinct completions.task_text
        from raw.task_completions as completions
        cross join settings.run
        where run.demo_rule = 'task' and completions.task_text is not null
    ) as texts
    -- Once more: a pattern from within would be matched with every row, not with every text.
    cross join settings.run
    where regexp_matches(texts.task_text, run.demo_text_pattern)
),
dated_completions as (
    select
        completions.id,
        completions.lead_id,
        completions.user_id,
        completions.task_id,
        happened(completions.activity_at, completions.date_created, dates.earliest_at, dates.latest_at) as completed_at
    from raw.task_completions as completions
    inner join demo_texts on completions.task_text = demo_texts.task_text
    cross join staging.plausible_dates as dates
    where completions._deleted_at is null
)
select id as record_id, lead_id as recorded_lead_id, user_id, completed_at as demo_at
from dated_completions
where completed_at is not null
qualify row_number() over (partition by coalesce(task_id, id) order by completed_at desc, id desc) = 1;
