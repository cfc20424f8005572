"""Numbers come from complete states only: whatever is half-read, they are those of a state that the account had."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from close_kpis.close.errors import CloseAuthError
from close_kpis.close.registry import stream_names
from close_kpis.kpis.changes import news
from close_kpis.kpis.checks import GateError
from close_kpis.kpis.compute import compute
from close_kpis.lake.config import LakeConfig
from close_kpis.settings.file import load
from close_kpis.sync.complete import complete_sync
from close_kpis.sync.month import pull_month
from close_kpis.sync.start import start_sync
from sandbox.close_api import CloseSandbox
from sandbox.close_api.generated.spec import Generated
from tests.close.account import NOW
from tests.oracle.profile import examples
from tests.sync.conftest import pipeline_from
from tests.sync.truth import assert_equal_to_account

if TYPE_CHECKING:
    from datetime import datetime

    from close_kpis.kpis.compute import Computation
    from tests.sync.conftest import FirstLoad, Pipeline

pytestmark = pytest.mark.slow

State = tuple[dict[str, str], dict[str, tuple[str, int]]]

SETTINGS = """
lead_statuses: {customer: [customer], churned: [churned]}
"""


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    file = tmp_path / "kpis.yaml"
    file.write_text(SETTINGS)
    return file


def account_state(sandbox: CloseSandbox) -> State:
    """What the account holds of leads and opportunities now."""
    leads = {row["id"]: row["status_id"] for row in sandbox.account["leads"]}
    deals = {row["id"]: (row["status_id"], row["value"]) for row in sandbox.account["opportunities"]}
    return leads, deals


def computed_state(pipeline: Pipeline, computation: Computation) -> State:
    """What the snapshot that a computation read holds of them."""
    with pipeline.lake() as con:
        at = f"at (version => {computation.snapshot_id}) where _deleted_at is null"
        leads = con.execute(f"select id, status_id from raw.leads {at}").fetchall()
        deals = con.execute(f"select id, status_id, value from raw.opportunities {at}").fetchall()
    return dict(leads), {deal: (status, value) for deal, status, value in deals}


def win(sandbox: CloseSandbox, number: int) -> None:
    """A lead becomes a customer and its deal is won: two rows of two streams."""
    leads = [row["id"] for row in sandbox.account["leads"]]
    lead = leads[number % len(leads)]
    sandbox.writer.update("leads", lead, {"status_id": "stat_customer"})
    sandbox.writer.create("opportunities", {"lead_id": lead, "status_id": "stat_won", "value": 100 + number})


def test_half_a_sync_changes_no_number(synced: Pipeline, settings_file: Path) -> None:
    complete_sync(synced.extraction)
    before = compute(synced.extraction.lake, settings_file=settings_file)
    win(synced.sandbox, 7)
    as_of = synced.start()
    for name in ("leads", "lead_status_changes"):
        synced.stream(name, as_of)
        assert news(synced.extraction.lake, load(settings_file)) is None
        assert compute(synced.extraction.lake, settings_file=settings_file).computation_id == before.computation_id
    for name in stream_names():
        synced.stream(name, as_of)
    complete_sync(synced.extraction)
    after = compute(synced.extraction.lake, settings_file=settings_file)
    assert "opportunities" in after.reason
    assert computed_state(synced, after) == account_state(synced.sandbox)


def test_stream_that_is_read_later_than_the_others_is_no_complete_state(synced: Pipeline, settings_file: Path) -> None:
    as_of = synced.start()
    first, *others = stream_names()
    synced.stream(first, as_of)
    win(synced.sandbox, 8)
    for name in others:
        synced.stream(name, as_of)
    complete_sync(synced.extraction)
    done = compute(synced.extraction.lake, settings_file=settings_file)
    assert computed_state(synced, done) == account_state(synced.sandbox)


def test_month_pull_beside_a_failed_sync_brings_a_complete_state(synced: Pipeline, settings_file: Path) -> None:
    win(synced.sandbox, 9)
    synced.stream("leads", synced.start())
    pull_month(synced.extraction, NOW.date())
    done = compute(synced.extraction.lake, settings_file=settings_file)
    assert computed_state(synced, done) == account_state(synced.sandbox)
    with synced.lake() as con:
        assert_equal_to_account(con, synced.sandbox)


def test_nothing_is_computed_before_the_first_sync_has_ended(pipeline: Pipeline, settings_file: Path) -> None:
    as_of = pipeline.start()
    pipeline.stream("leads", as_of)
    with pytest.raises(GateError, match="sync_finished: stream calls: never read to the end"):
        compute(pipeline.extraction.lake, settings_file=settings_file)


def test_end_of_a_quiet_sync_costs_one_request(synced: Pipeline) -> None:
    synced.sync()
    synced.sandbox.requests.clear()
    complete_sync(synced.extraction)
    assert [request.path for request in synced.sandbox.requests] == ["/event/"]


class Interleaved(RuleBasedStateMachine):
    """Edits, syncs that fail anywhere, month pulls and computations, in any order."""

    first_load: FirstLoad
    account: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("CLOSE_KPIS_AS_OF", NOW.date().isoformat())
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.sandbox = self.stack.enter_context(CloseSandbox(self.account, as_of=NOW, rate=0, search_rate=0))
        self.pipeline = pipeline_from(self.sandbox, self.first_load.copied(folder))
        self.settings_file = folder / "kpis.yaml"
        self.settings_file.write_text(SETTINGS)
        self.states = [account_state(self.sandbox)]
        self.as_of: datetime | None = None

    def teardown(self) -> None:
        self.stack.close()

    @rule(number=st.integers(0, 500))
    def edit(self, number: int) -> None:
        self.sandbox.clock.advance(61)
        win(self.sandbox, number)
        self.states.append(account_state(self.sandbox))

    @rule()
    def begin_sync(self) -> None:
        self.as_of = start_sync(self.pipeline.extraction)

    @rule(name=st.sampled_from(["leads", "opportunities", "lead_status_changes", "calls"]))
    def read_stream(self, name: str) -> None:
        if self.as_of is not None:
            self.pipeline.stream(name, self.as_of)

    @rule(after=st.integers(0, 45))
    def fail_somewhere(self, after: int) -> None:
        self.sandbox.faults.add("unauthorized", "*", after=after)
        self._try(lambda: complete_sync(self.pipeline.extraction) if self.pipeline.sync() else None)

    @rule()
    def sync_to_its_end(self) -> None:
        self.pipeline.sync()
        complete_sync(self.pipeline.extraction)

    @rule(month=st.integers(1, 6), after=st.one_of(st.none(), st.integers(0, 30)))
    def pull(self, month: int, after: int | None) -> None:
        if after is not None:
            self.sandbox.faults.add("unauthorized", "*", after=after)
        self._try(lambda: pull_month(self.pipeline.extraction, NOW.date().replace(month=month)))

    @rule()
    def compute(self) -> None:
        done = compute(self.pipeline.extraction.lake, settings_file=self.settings_file)
        assert computed_state(self.pipeline, done) in self.states

    def _try(self, work: Any) -> None:
        with suppress(CloseAuthError):
            work()
        self.sandbox.faults.clear()


def test_numbers_are_those_of_a_state_that_the_account_had(first_load: FirstLoad, small_account: Path) -> None:
    class AnyOrder(Interleaved):
        pass

    AnyOrder.first_load, AnyOrder.account = first_load, small_account
    run_state_machine_as_test(AnyOrder, settings=settings(examples(4), stateful_step_count=12))


@pytest.mark.parametrize("shows", ["live", "frozen"])
def test_busy_account_is_read_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shows: str) -> None:
    """Read at ten requests a second, ten times as busy as an account with five edits and a creation in each."""
    account = Generated(leads=3_000, activities=600, opportunities=600, users=5)
    monkeypatch.setenv("CLOSE_KPIS_AS_OF", account.end.date().isoformat())
    knobs: dict[str, Any] = {"rate": 0, "search_rate": 0, "search_shows": shows}
    with CloseSandbox(account, edits_per_request=5, creates_per_request=1, deletes_per_request=1, **knobs) as sandbox:
        pipeline = pipeline_from(sandbox, LakeConfig(f"sqlite:{tmp_path}/catalog.sqlite", f"{tmp_path}/data"))
        pipeline.sync()
        complete_sync(pipeline.extraction)
        sandbox.config.turn(edits_per_request=0, creates_per_request=0, deletes_per_request=0)
        pipeline.sync()
        complete_sync(pipeline.extraction)
        with pipeline.lake() as con:
            assert_equal_to_account(con, sandbox)
