-- The digests: what the last publish showed, how far the lake has come since, and the record of what was sent to whom.

-- name: digests
-- Grain: audience, period, kind, transport, recipient. Each message that was sent, or that a try began to send.
-- period: the week (2026-W25) or the month that has ended (2026-05). kind: digest, or notice: why it was not sent. recipient: the
-- channel, the connection of a webhook, or the address. state: sending until the other side has confirmed it, then sent. A row that stays
-- at sending is of a try that died in between: nobody knows whether it arrived. message_id: what the other side calls it.
create table if not exists lake.published.digests (
    audience varchar not null,
    period varchar not null,
    kind varchar not null,
    transport varchar not null,
    recipient varchar not null,
    state varchar not null,
    claimed_at timestamptz not null,
    sent_at timestamptz,
    run_id varchar not null,
    publish_id bigint,
    message_id varchar
);

-- name: last_publish
-- At most one row: the newest publish of the workbook.
select publish_id, published_at, as_of, computation_id, url
from lake.published.publishes
order by publish_id desc
limit 1;

-- name: last_release
-- At most one row: the computation whose numbers passed every check last.
select computation_id, computed_at, as_of
from lake.kpi.computations
order by computed_at desc, snapshot_id desc
limit 1;

-- name: candidate
-- One row: the computation that was checked last, or is being checked.
select computation_id, computed_at, as_of
from lake.candidate.computation;

-- name: same_day_values
-- Grain: tab, entity, kpi. What the workbook showed of $month, when it was running, after the last publish of a day: of those whose
-- data end at $day_start or later and before $day_end.
with
publish as (
    select max(publish_id) as publish_id
    from lake.published.publishes
    where as_of >= $day_start and as_of < $day_end
),
shown as (
    select kpi_values.tab, kpi_values.entity, kpi_values.kpi, kpi_values.value, kpi_values.is_running
    from lake.published.kpi_values as kpi_values
    inner join publish on kpi_values.publish_id <= publish.publish_id
    where kpi_values.month = $month and kpi_values.entity in ('Total', 'Team')
    qualify
        row_number() over (
            partition by kpi_values.tab, kpi_values.entity, kpi_values.kpi
            order by kpi_values.publish_id desc
        ) = 1
)
select tab, entity, kpi, value
from shown
where is_running and value is not null;

-- name: restatements
-- Grain: is_to_date. How many published values of completed months have changed, and of the leads of a month to date.
select is_to_date, count(*) as all_rows
from lake.kpi.restatements
group by is_to_date;

-- name: messages
-- Grain: kind, transport, recipient. What is recorded of an audience's period.
select kind, transport, recipient, state, claimed_at, sent_at
from lake.published.digests
where audience = $audience and period = $period;

-- name: claim
-- Records that a try begins to send.
insert into lake.published.digests (
    audience, period, kind, transport, recipient, state, claimed_at, sent_at, run_id, publish_id, message_id
)
values (
    $audience, $period, $kind, $transport, $recipient, 'sending', $claimed_at, null, $run_id, $publish_id, null
);

-- name: settle
-- Records that the other side has confirmed it.
update lake.published.digests
set state = 'sent', sent_at = $sent_at, message_id = $message_id
where
    audience = $audience
    and period = $period
    and kind = $kind
    and transport = $transport
    and recipient = $recipient;

-- name: withdraw
-- Forgets a try that is known to have sent nothing, or whose outcome a person has looked up.
delete from lake.published.digests
where
    audience = $audience
    and period = $period
    and kind = $kind
    and transport = $transport
    and recipient = $recipient
    and state = 'sending';
