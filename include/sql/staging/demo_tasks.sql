-- Task completions that are a demo, under the rule task: the task's text matches; a task completed again counts once, by its last
-- completion.
-- Grain: record_id.
-- Inputs: raw.task_completions, settings.run.
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
)
select
    completions.id as record_id,
    completions.lead_id as recorded_lead_id,
    completions.user_id,
    coalesce(completions.activity_at, completions.date_created) as demo_at
from raw.task_completions as completions
inner join demo_texts on completions.task_text = demo_texts.task_text
where completions._deleted_at is null
qualify row_number() over (
    partition by coalesce(completions.task_id, completions.id)
    order by coalesce(completions.activity_at, completions.date_created) desc, completions.id desc
) = 1;
