"""Every cell of the lake's KPI tables against the recomputation."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given

from close_kpis.paths import INCLUDE
from sandbox.company import write_company
from tests.oracle.compare import differences, lake_tables
from tests.oracle.edges import EDGES, count_edges
from tests.oracle.handmade import corners
from tests.oracle.profile import examples, in_folder
from tests.oracle.recompute import recompute
from tests.oracle.strategies import MadeAccount, accounts, smallest
from tests.support.lake import FreshLakes, lake_from_account

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

USUAL = 24
DEMO_DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> FreshLakes:
    return FreshLakes(tmp_path_factory.mktemp("lake"))


def disagreements(
    lakes: FreshLakes, folder: Path, settings: Path, as_of: datetime, deleted: frozenset[str]
) -> list[str]:
    """Compute an account both ways and describe the cells that differ."""
    expected = recompute(folder, settings.read_text(), as_of, deleted)
    with lake_from_account(lakes.fresh(), folder, settings, as_of, deleted) as con:
        return differences(lake_tables(con), expected)


def of_made(lakes: FreshLakes, made: MadeAccount) -> list[str]:
    found: list[str] = []

    def check(folder: Path) -> None:
        found.extend(disagreements(lakes, folder, folder / "kpis.yaml", made.as_of, made.deleted))

    in_folder(made, check)
    return found


@pytest.mark.timeout(1800)
def test_every_cell_agrees_for_made_accounts(lakes: FreshLakes) -> None:
    counted: Counter[str] = Counter()

    @examples(USUAL)
    @given(accounts())
    def agrees(made: MadeAccount) -> None:
        in_folder(made, lambda folder: count_edges(made, folder, counted))
        if of_made(lakes, made):
            least = smallest(made, lambda fewer: bool(of_made(lakes, fewer)))
            pytest.fail("\n".join([*of_made(lakes, least), "", least.shown()]))

    agrees()
    print("\n".join(f"{edge:50} {counted[edge]:>4} accounts" for edge in sorted(counted)))
    never_hit = sorted(EDGES - counted.keys())
    assert not never_hit


def test_every_cell_agrees_for_corners_made_by_hand(lakes: FreshLakes) -> None:
    assert of_made(lakes, corners()) == []


def test_every_cell_agrees_for_the_demo_company(lakes: FreshLakes, tmp_path: Path) -> None:
    write_company(tmp_path, as_of=DEMO_DAY)
    settings = INCLUDE / "kpis.yaml"
    zone = ZoneInfo(yaml.safe_load(settings.read_text())["timezone"])
    as_of = datetime.combine(DEMO_DAY, time.max, zone).astimezone(UTC)
    assert disagreements(lakes, tmp_path, settings, as_of, frozenset()) == []
