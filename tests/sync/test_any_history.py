"""Whatever happens in Close, between the syncs and during them: after a sync every row is the account's."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from close_kpis.close.errors import CloseAuthError
from sandbox.close_api import ApiError, CloseSandbox
from tests.close.account import NOW, USER
from tests.oracle.profile import examples
from tests.sync.conftest import pipeline_from
from tests.sync.truth import SYNCED, assert_equal_to_account

if TYPE_CHECKING:
    from sandbox.request_log import ServedRequest
    from tests.sync.conftest import FirstLoad

pytestmark = pytest.mark.slow

KINDS = ("Call", "Email", "Meeting", "CustomActivity", "TaskCompleted", "SMS", "Note", "WhatsAppMessage")
EDITS: dict[str, dict[str, Any]] = {
    "leads": {"custom.cf_source": ["Fair"], "status_id": "stat_churned"},
    "contacts": {"title": "Chair", "name": "Someone else"},
    "opportunities": {"value": 777, "status_id": "stat_won"},
    "activities": {"user_id": USER, "status": "completed", "disposition": "answered", "title": "Moved"},
    "tasks": {"text": "later", "is_complete": True},
}
PASSING = ("status", "reset", "cut", "truncate", "rate_limit")
"""Faults that a sync outlasts."""

numbers = st.integers(0, 10_000)
resources = st.sampled_from(sorted(EDITS))


class AnyHistory(RuleBasedStateMachine):
    """An account in which anything happens, and a lake that follows it."""

    first_load: FirstLoad
    account: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        self.sandbox = self.stack.enter_context(CloseSandbox(self.account, as_of=NOW, rate=0, search_rate=0))
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.pipeline = pipeline_from(self.sandbox, self.first_load.copied(Path(folder)))
        self.meanwhile: list[tuple[int, int]] = []
        self.is_disturbed = False
        self._log_requests()

    def teardown(self) -> None:
        self.sync()
        self.stack.close()

    @rule(resource=resources, number=numbers)
    def edit(self, resource: str, number: int) -> None:
        if row_id := self.pick(resource, number):
            key = list(EDITS[resource])[number % len(EDITS[resource])]
            self.write("update", resource, row_id, {key: EDITS[resource][key]})

    @rule(resource=resources, number=numbers)
    def delete(self, resource: str, number: int) -> None:
        if row_id := self.pick(resource, number):
            self.write("delete", resource, row_id)

    @rule(source=numbers, destination=numbers)
    def merge(self, source: int, destination: int) -> None:
        merged, into = self.pick("leads", source), self.pick("leads", destination)
        if merged and into and merged != into:
            self.write("merge", merged, into)

    @rule(number=numbers)
    def create_lead(self, number: int) -> None:
        self.write("create", "leads", {"name": f"New {number}", "status_id": "stat_potential"})

    @rule(number=numbers, kind=st.sampled_from(KINDS), days=st.integers(-800, 300))
    def create_activity(self, number: int, kind: str, days: int) -> None:
        """An activity of any day: a mail synced later, a meeting planned ahead."""
        at = (self.sandbox.clock.now() + timedelta(days=days)).isoformat()
        dated = {"date_created": at, "activity_at": at, **({"starts_at": at} if kind == "Meeting" else {})}
        self.write("create", "activities", {"_type": kind, "lead_id": self.pick("leads", number), **dated})

    @rule(number=numbers)
    def create_deal(self, number: int) -> None:
        deal = {"lead_id": self.pick("leads", number), "status_id": "stat_active", "value": number}
        self.write("create", "opportunities", deal)

    @rule(minutes=st.sampled_from([1, 7, 90, 1440, 4000]))
    def let_time_pass(self, minutes: int) -> None:
        self.sandbox.clock.advance(minutes * 60)

    @rule(
        kind=st.sampled_from(PASSING), after=st.integers(0, 30), path=st.sampled_from(["*", "/activity/*", "/event/"])
    )
    def break_something(self, kind: Any, after: int, path: str) -> None:
        self.sandbox.faults.add(kind, path, after=after, count=2, **({"seconds": 0.05} if kind == "rate_limit" else {}))

    @rule(after=st.integers(0, 30))
    def revoke_the_key_in_the_middle(self, after: int) -> None:
        self.sandbox.faults.add("unauthorized", "*", after=after)

    @rule(after=st.integers(1, 25), number=numbers)
    def change_something_during_the_next_sync(self, after: int, number: int) -> None:
        self.meanwhile.append((after, number))

    @rule()
    def sync(self) -> None:
        self.try_to_sync()
        if self.is_disturbed:
            # What changed behind a sync's back is the next one's.
            self.is_disturbed = False
            self.sandbox.clock.advance(60)
            self.try_to_sync()
        self.sandbox.faults.clear()
        self.meanwhile.clear()
        with self.pipeline.lake() as con:
            assert_equal_to_account(con, self.sandbox, SYNCED)
            bookmarks = con.execute("select max(updated_through), max(synced_through) from sync.streams").fetchall()[0]
        end_of_day = f"{self.sandbox.clock.today()}T23:59:59.999999+00:00"
        assert all(at <= datetime.fromisoformat(end_of_day) for at in bookmarks)

    def try_to_sync(self) -> None:
        """Sync, again while the key is refused."""
        self.patch.setenv("CLOSE_KPIS_AS_OF", self.sandbox.clock.today().isoformat())
        self.sandbox.requests.clear()
        while True:
            try:
                self.pipeline.sync()
            except CloseAuthError:
                continue
            return

    def change_something(self, number: int) -> None:
        resource = sorted(EDITS)[number % len(EDITS)]
        row_id = self.pick(resource, number)
        if number % 3 == 0 or row_id is None:
            self.write("create", "leads", {"name": f"Meanwhile {number}"})
        elif number % 3 == 1:
            self.write("delete", resource, row_id)
        else:
            self.write("update", resource, row_id, EDITS[resource])

    def write(self, method: str, *arguments: Any) -> None:
        """Change the account as its users do; what Close refuses does not happen."""
        try:
            getattr(self.sandbox.writer, method)(*arguments)
        except ApiError:
            return

    def pick(self, resource: str, number: int) -> str | None:
        """Return one of the ids there are; None without any."""
        ids = [row["id"] for row in self.sandbox.account[resource]]
        return str(ids[number % len(ids)]) if ids else None

    def _log_requests(self) -> None:
        """Let what was planned happen between two requests of a sync."""
        add = self.sandbox.requests.add

        def note(served: ServedRequest) -> None:
            add(served)
            for planned in [planned for planned in self.meanwhile if planned[0] == len(self.sandbox.requests)]:
                self.meanwhile.remove(planned)
                self.is_disturbed = True
                self.change_something(planned[1])

        self.patch.setattr(self.sandbox.requests, "add", note)


def test_after_every_sync_the_lake_holds_the_account(first_load: FirstLoad, small_account: Path) -> None:
    class History(AnyHistory):
        pass

    History.first_load, History.account = first_load, small_account
    run_state_machine_as_test(History, settings=settings(examples(4), stateful_step_count=15))
