-- The alarms: what has failed and is not well again yet, and the record of what was told to whom.

-- name: alarms
-- Grain: alarm_id, instance. Each cause of an alarm, from when it was seen until it is well again. What fails for the same reason in
-- one run is one alarm: the instances of a mapped task share its alarm_id.
-- task_id, instance: the task and which of its mapped instances; empty for what concerns the whole DAG, and for a task that is not
-- mapped. kind: gate, quota, refused, failure, late, restated. run_id: of the DAG run that it was seen in. closed_at: null while it lasts.
create table if not exists lake.published.alarms (
    alarm_id varchar not null,
    dag_id varchar not null,
    task_id varchar not null,
    instance varchar not null,
    kind varchar not null,
    run_id varchar not null,
    opened_at timestamptz not null,
    closed_at timestamptz
);

-- name: alarm_messages
-- Grain: alarm_id, occasion, transport, recipient. What is told of an alarm: that it began (alarm), that it is well again (recovery).
-- state: owed until a task sends it, sending until the other side has confirmed it, then sent. A row that stays at sending is of a process
-- that died in between: nobody knows whether it arrived. content: what it says, as JSON; no secret is in it.
create table if not exists lake.published.alarm_messages (
    alarm_id varchar not null,
    occasion varchar not null,
    transport varchar not null,
    recipient varchar not null,
    state varchar not null,
    content varchar not null,
    queued_at timestamptz not null,
    told_at timestamptz,
    message_id varchar
);

-- name: open_of_cause
-- Grain: alarm_id, instance. What lasts of a cause.
select alarm_id, instance, run_id
from lake.published.alarms
where dag_id = $dag_id and task_id = $task_id and kind = $kind and closed_at is null;

-- name: begin_alarm
-- Records that something has failed.
insert into lake.published.alarms (alarm_id, dag_id, task_id, instance, kind, run_id, opened_at, closed_at)
values ($alarm_id, $dag_id, $task_id, $instance, $kind, $run_id, $opened_at, null);

-- name: open_of_task
-- Grain: alarm_id, instance. What lasts of a task, or of an instance of it; of one kind, or of all.
select alarm_id, instance
from lake.published.alarms
where
    dag_id = $dag_id
    and task_id = $task_id
    and list_contains($instances::varchar[], instance)
    and ($kind::varchar is null or kind = $kind)
    and closed_at is null
order by alarm_id, instance;

-- name: end_alarm
-- Records that one instance of an alarm is well again.
update lake.published.alarms
set closed_at = $closed_at
where alarm_id = $alarm_id and instance = $instance and closed_at is null;

-- name: lasting
-- One row: how many instances of an alarm last.
select count(*) as instances
from lake.published.alarms
where alarm_id = $alarm_id and closed_at is null;

-- name: told_of_alarm
-- Grain: transport, recipient. Who has been told, or may have been told, that an alarm began.
select transport, recipient
from lake.published.alarm_messages
where alarm_id = $alarm_id and occasion = 'alarm' and state <> 'owed'
order by transport, recipient;

-- name: forget_owed
-- Takes back what nobody has been told of an alarm.
delete from lake.published.alarm_messages
where alarm_id = $alarm_id and state = 'owed';

-- name: queue_message
-- Records that somebody is to be told.
insert into lake.published.alarm_messages (
    alarm_id, occasion, transport, recipient, state, content, queued_at, told_at, message_id
)
values ($alarm_id, $occasion, $transport, $recipient, 'owed', $content, $queued_at, null, null);

-- name: owed
-- Grain: alarm_id, occasion, transport, recipient. What is to be told, in its order.
select alarm_id, occasion, transport, recipient, content
from lake.published.alarm_messages
where state = 'owed'
order by queued_at, occasion, transport, recipient;

-- name: turn_message
-- How many messages go from the state $before to the state $after: one; none where another process was faster.
update lake.published.alarm_messages
set state = $after
where
    alarm_id = $alarm_id
    and occasion = $occasion
    and transport = $transport
    and recipient = $recipient
    and state = $before;

-- name: settle_message
-- Records that the other side has confirmed a message.
update lake.published.alarm_messages
set state = 'sent', told_at = $told_at, message_id = $message_id
where alarm_id = $alarm_id and occasion = $occasion and transport = $transport and recipient = $recipient;

-- name: withdraw_message
-- Forgets a message to somebody who no longer gets the alarms.
delete from lake.published.alarm_messages
where
    alarm_id = $alarm_id
    and occasion = $occasion
    and transport = $transport
    and recipient = $recipient
    and state = 'owed';

-- name: restated_months
-- At most one row: how many closed months the last publish of the run $run_id has restated, and where the workbook is.
with
publish as (
    select publish_id, url
    from lake.published.publishes
    where run_id = $run_id
    order by publish_id desc
    limit 1
)
select publish.url, count(distinct restatements.month) as months
from publish
left join lake.kpi.restatements as restatements
    on publish.publish_id = restatements.publish_id and not restatements.is_to_date
group by publish.url;
