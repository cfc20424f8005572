-- Grain: id. Each row is the completion of a task (Close: TaskCompleted).
-- _synced_at: when this version of the row was read; _deleted_at: when its deletion in Close was noticed.
create table if not exists raw.task_completions (
    id varchar not null,
    lead_id varchar,
    user_id varchar,
    activity_at timestamptz,
    date_created timestamptz,
    date_updated timestamptz,
    task_id varchar,
    task_text varchar,
    task_assigned_to varchar,
    _synced_at timestamptz not null,
    _deleted_at timestamptz
);
