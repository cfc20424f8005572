"""The gates: computed numbers stay out of sight until every rule holds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from close_kpis.kpis.candidate import StaleCandidateError, release
from close_kpis.kpis.checks import (
    DATA_CHECKS,
    DATA_RULES,
    KPI_RULES,
    GateError,
    Violating,
    Violations,
    check_candidate,
    check_data,
)
from close_kpis.kpis.compute import Computation, compute_candidate
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect
from close_kpis.lake.sql import names
from close_kpis.settings.errors import SettingsError
from tests.kpis.small_account import SmallAccount
from tests.kpis.test_compute import contents, tell_a_story
from tests.lake.conftest import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFECTS = {
    "customers_roll_forward": "update candidate.growth_monthly set churned_customers = 9 where month = '2026-03-01'",
    "months_complete": "delete from candidate.team_monthly where month = '2026-03-01'",
    "mrr_roll_forward": "update candidate.mrr_movements_monthly set churn_arr_cents = 9 where month = '2026-03-01'",
    "rates_within_range": "update candidate.source_all_time set win_rate = 1.5 where source = 'Web'",
    "reps_sum_to_team": "update candidate.rep_monthly set calls = calls + 1 where rep = 'ann' and month = '2026-01-01'",
    "sources_sum_to_total": "update candidate.source_total set total_arr_cents = total_arr_cents + 1",
    "unique_grain": "insert into candidate.team_monthly from candidate.team_monthly where month = '2026-03-01'",
}
"""For each rule, what breaks it in the candidate."""


@pytest.mark.parametrize(("count", "more"), [(2, ""), (3, " ... and 1 more"), (9, " ... and 7 more")])
def test_a_violation_says_how_many_records_it_does_not_show(count: int, more: str) -> None:
    sample = (Violating("lead l1: no status", ""), Violating("lead l2: no status", ""))
    told = str(Violations("grain", count, sample, "mend it"))
    assert told == f"grain: lead l1: no status; lead l2: no status{more}. Remedy: mend it"


def computed(account: SmallAccount) -> Computation:
    return compute_candidate(account.config, settings_file=account.settings_file())


@dataclass
class Waiting:
    """An account without released numbers, and a computation of them that waits for its checks."""

    template: Template
    account: SmallAccount
    done: Computation


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Waiting:
    folder = tmp_path_factory.mktemp("waiting")
    template, account = Template(folder), SmallAccount(folder)
    tell_a_story(account, later=False)
    account.sync()
    done = computed(account)
    template.keep()
    return Waiting(template, account, done)


@pytest.fixture
def waiting(once: Waiting) -> Iterator[Waiting]:
    once.template.restored()
    yield once
    once.account.close()


def test_each_check_of_the_data_finds_what_it_is_for_and_nothing_else(once: Waiting, tmp_path: Path) -> None:
    good, bad = once.account.settings_file(), tmp_path / "kpis.yaml"
    bad.write_text("lead_statuses: {customer: [No such status]}", encoding="utf-8")
    for rule in DATA_RULES:
        check_data(once.account.config, rule, settings_file=good)
    check_data(once.account.config, "sync_finished", settings_file=bad)
    with pytest.raises(SettingsError, match="No such status"):
        check_data(once.account.config, "configured_names_exist", settings_file=bad)
    empty = LakeConfig(f"sqlite:{tmp_path}/catalog.sqlite", f"{tmp_path}/data")
    with pytest.raises(GateError, match="sync_finished: stream calls: never read to the end"):
        check_data(empty, "sync_finished", settings_file=good)


def test_every_rule_has_its_task_and_its_remedy() -> None:
    assert sorted(DATA_CHECKS) == list(names("checks/data"))
    assert sorted(KPI_RULES) == list(names("checks/errors")) == sorted(DEFECTS)
    assert sorted(load_definitions().gates) == sorted([*DATA_CHECKS, *KPI_RULES])
    assert sorted(load_definitions().quality_rules) == list(names("checks/warnings"))


@pytest.mark.parametrize("rule", KPI_RULES)
def test_a_rule_names_itself_the_records_and_the_remedy(waiting: Waiting, rule: str) -> None:
    config, computation = waiting.account.config, waiting.done.computation_id
    check_candidate(config, [rule], computation)
    with closing(connect(config)) as con:
        con.execute(DEFECTS[rule])
    with pytest.raises(GateError, match=rf"{rule}: .*(2026-0\d|Web|total_arr_cents).*\. Remedy: clear compute_kpis"):
        check_candidate(config, [rule], computation)


def test_readers_see_computed_numbers_only_once_they_are_released(waiting: Waiting) -> None:
    account, computation = waiting.account, waiting.done.computation_id
    tables = "select table_name from information_schema.tables where table_schema = 'kpi' and table_catalog = 'lake'"
    assert account.table(tables) == []

    release(account.config, computation)
    assert account.month("kpi.growth_monthly", "2026-02")["total_customers"] == 2
    before = contents(account)
    release(account.config, computation)
    assert contents(account) == before
    assert len(account.table("kpi.computations")) == 1


def test_a_computation_that_another_has_overtaken_is_neither_checked_nor_released(waiting: Waiting) -> None:
    config, overtaken = waiting.account.config, waiting.done.computation_id
    newer = computed(waiting.account).computation_id
    with pytest.raises(StaleCandidateError, match="clear the task compute_kpis"):
        check_candidate(config, KPI_RULES, overtaken)
    for other in (overtaken, "0" * 32, "f" * 32):
        with pytest.raises(StaleCandidateError):
            release(config, other)
    release(config, newer)
    assert len(waiting.account.table("kpi.computations")) == 1


def test_a_failed_check_names_the_records_and_leaves_readers_what_they_had(tmp_path: Path) -> None:
    account = SmallAccount(tmp_path)
    tell_a_story(account, later=False)
    account.run()
    before = contents(account)

    account.deal("d9", "steady", "2026-06-10", 100, created="2026-06-01", user_id="ann")
    account.sync()
    waiting = computed(account).computation_id
    with closing(connect(account.config)) as con:
        con.execute("update candidate.growth_monthly set total_customers = 7 where month = '2026-02-01'")
    with pytest.raises(GateError, match=r"customers_roll_forward: month 2026-02: .*closes with 7"):
        check_candidate(account.config, KPI_RULES, waiting)
    assert contents(account) == before
    assert len(account.table("kpi.computations")) == 1

    account.compute()
    assert account.month("kpi.rep_monthly", "2026-06", "ann")["won_opportunities"] == 1
