"""Nobody is told twice: whatever dies on the way, whoever else sends at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.alerts import outbox, record
from close_kpis.alerts.causes import Alarm, Cause
from close_kpis.lake.config import LakeError
from close_kpis.lake.connection import connect
from close_kpis.lake.lock import write_lock
from close_kpis.lake.sql import statement
from tests.alerts.conftest import MAIL, NOTIFIER, SLACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.alerts.conftest import Team

WAY = outbox.Way("slack_default", "smtp_default")
CAUSE = Cause("close_sync", "start_sync", "", "refused")
ALARM = Alarm("close_sync: Close refuses access", "Refused.", (), "Mend it.", "http://localhost/dags/close_sync")
WELL = Alarm("Well again: close_sync: start_sync", "Over.", (), "", "http://localhost/dags/close_sync")
PLACE = record.Place("close_sync", "start_sync")


class Killed(BaseException):
    """What a process is ended by."""


def fail(team: Team, *, run_id: str = "one") -> None:
    with closing(connect(team.lake)) as con:
        record.begin(con, team.lake, CAUSE, ALARM, run_id=run_id, recipients=[("slack", "#revenue")])
        outbox.deliver(con, team.lake, WAY, [("slack", "#revenue")])


def recover(team: Team) -> None:
    with closing(connect(team.lake)) as con:
        record.end(con, team.lake, PLACE, WELL)
        outbox.deliver(con, team.lake, WAY, [("slack", "#revenue")])


@pytest.mark.parametrize("occasion", ["alarm", "recovery"])
@pytest.mark.parametrize(
    ("name", "is_done", "told"),
    [("claim", False, 1), ("claim", True, 0), ("settle", False, 1), ("settle", True, 1)],
    ids=["before the claim", "after the claim", "after sending", "after settling"],
)
def test_a_process_killed_at_any_step_and_followed_by_others_tells_nothing_twice(
    team: Team, occasion: str, name: str, is_done: bool, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the claim and the send, nobody knows, so that nobody sends it."""
    if occasion == "recovery":
        fail(team)
    act: Callable[[Team], None] = fail if occasion == "alarm" else recover
    before = len(team.posts)
    real = getattr(record, name)

    def dying(*args: Any) -> None:
        if is_done:
            real(*args)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(record, name, dying)
        with pytest.raises(Killed):
            act(team)
    for _ in range(2):
        act(team)
    assert len(team.posts) - before == told


def test_processes_that_send_at_the_same_time_send_once(team: Team) -> None:
    def one(number: int) -> None:
        # A commit that meets the same one too often leaves the message to the others.
        with suppress(LakeError):
            fail(team, run_id=f"run {number}")

    with closing(connect(team.lake)) as con:
        record.begin(con, team.lake, CAUSE, ALARM, run_id="one", recipients=[("slack", "#revenue")])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(8)))
    assert team.posts == ["close_sync: Close refuses access"]


def test_a_lake_that_somebody_else_is_writing_is_not_waited_for(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "PATIENCE", 0.2)
    with (
        closing(connect(team.lake)) as con,
        write_lock(team.lake),
        ThreadPoolExecutor(1) as another,
        pytest.raises(LakeError, match="another process has held"),
    ):
        another.submit(record.begin, con, team.lake, CAUSE, ALARM, run_id="one", recipients=[]).result()


def publish(team: Team, run_id: str, months: int, *, to_date: int = 0) -> None:
    """Leave the lake as a publish does that has restated so many months."""
    with closing(connect(team.lake)) as con:
        con.execute(statement("publishing.publishes"))
        con.execute(statement("publishing.restatements"))
        [(publish_id,)] = con.execute(statement("publishing.next_publish_id")).fetchall()
        now = datetime.now(UTC)
        con.execute(
            "insert into lake.published.publishes values ($id, $now, $now, 'c', $run, 's', 'https://sheet', 1, 1, 1)",
            {"id": publish_id, "now": now, "run": run_id},
        )
        for number in range(months + to_date):
            con.execute(
                "insert into lake.kpi.restatements by name select $id as publish_id, $now as restated_at,"
                " $run as run_id, 'Growth' as tab, date '2024-01-01' + to_months($n::int) as month, 'Total' as entity,"
                " 'Total' as name, 'mrr' as kpi, $is_to_date as is_to_date, 'x' as cause",
                {"id": publish_id, "now": now, "run": run_id, "n": number, "is_to_date": number >= months},
            )


def succeeded(run_id: str) -> None:
    class Instance:
        dag_id, task_id, map_index = "sheets_publish", "publish_workbook", -1
        log_url = "http://localhost/dags/sheets_publish"

    class Task:
        downstream_task_ids: frozenset[str] = frozenset()

    ti: Any = Instance()
    ti.run_id = run_id
    NOTIFIER.on_success({"ti": ti, "task": Task()})


def test_a_publish_that_restates_more_closed_months_than_are_no_news_is_told(team: Team) -> None:
    """Once, until a publish restates fewer; a month to date that moves on with its deals is no restatement."""
    team.set_alerts(SLACK, MAIL, "restated_months: 2")
    publish(team, "few", months=2, to_date=9)
    succeeded("few")
    assert team.posts == []
    publish(team, "many", months=3)
    succeeded("many")
    publish(team, "many more", months=5)
    succeeded("many more")
    assert team.posts == team.mails == ["sheets_publish: 3 closed months were restated"]
    assert "https://sheet" in team.mailbox.mails[0][1].get_content()
    publish(team, "none", months=0)
    succeeded("none")
    assert team.posts[1:] == ["Well again: sheets_publish: the last publish restated 0 closed months"]
