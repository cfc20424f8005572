"""Each KPI on a small account: the folder `<kpi>` and, in its `expected.yaml`, the number derived by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.oracle.compare import Tables, lake_tables
from tests.oracle.recompute import KEYS, recompute
from tests.support.lake import FreshLakes, lake_from_account

if TYPE_CHECKING:
    from datetime import date

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/expected.yaml"))
SIX_DIGITS = 1e-6

NOT_IN_A_FOLDER_OF_ITS_OWN = frozenset({
    "opening_customers",
    "month",
    "is_running",
    "user_id",
    "rep",
    "is_active",
    "source",
    "cohort_month",
    "year",
    "row_kind",
    "day",
    "pipeline",
    "status",
    "insight",
    "sentence",
    "low",
    "high",
})
"""Keys, labels, and what stands beside a KPI."""


@dataclass(frozen=True)
class Example:
    """A worked example: the row of a table that `where` names, and cells of it."""

    as_of: date
    table: str
    where: dict[str, Any]
    expected: dict[str, Any]

    @property
    def instant(self) -> datetime:
        """The end of the run's day."""
        return datetime.combine(self.as_of, time.max, UTC)

    def found(self, tables: Tables) -> dict[str, Any]:
        [row] = [row for row in tables[self.table] if all(row[key] == value for key, value in self.where.items())]
        return {column: row[column] for column in self.expected}


def read(folder: Path) -> Example:
    return Example(**yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> FreshLakes:
    return FreshLakes(tmp_path_factory.mktemp("lake"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_number_derived_by_hand(lakes: FreshLakes, folder: Path) -> None:
    example, settings = read(folder), folder / "kpis.yaml"
    by_hand = pytest.approx(example.expected, rel=SIX_DIGITS)
    recomputed = recompute(folder, settings.read_text(encoding="utf-8"), example.instant)
    with lake_from_account(lakes.fresh(), folder, settings, example.instant) as con:
        assert example.found(lake_tables(con)) == by_hand
    assert example.found(recomputed) == by_hand


def test_every_kpi_has_a_worked_example(lakes: FreshLakes) -> None:
    shown = {column for folder in FOLDERS for column in read(folder).expected}
    with lake_from_account(lakes.fresh(), FOLDERS[0], FOLDERS[0] / "kpis.yaml", read(FOLDERS[0]).instant) as con:
        kpis = {column for name in KEYS if name != "data_quality" for column in con.table(f"kpi.{name}").columns}
    assert kpis - shown - NOT_IN_A_FOLDER_OF_ITS_OWN == set()
