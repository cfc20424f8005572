"""Each KPI on a small account: the folder `<kpi>` and, in its `expected.yaml`, the number derived by hand."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from close_kpis.kpis.compute import compute_candidate
from close_kpis.lake.connection import connect, transaction
from tests.oracle.compare import Tables, lake_tables
from tests.oracle.recompute import KEYS, recompute
from tests.support.lake import FreshLakes, load_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from close_kpis.lake.config import LakeConfig

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
    "age_months",
    "year",
    "row_kind",
    "day",
    "pipeline",
    "status",
    "insight",
    "verdict",
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


def is_number(value: object) -> bool:
    return isinstance(value, int | float)


def read(folder: Path) -> Example:
    return Example(**yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8")))


def kpi_tables(lake: LakeConfig, folder: Path) -> Tables:
    """Return the KPI tables of a folder's account, computed in a lake, before they are released."""
    with closing(connect(lake)) as con:
        with transaction(con, lake):
            load_account(con, folder, read(folder).instant)
        compute_candidate(lake, settings_file=folder / "kpis.yaml")
        return lake_tables(con, "candidate")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Tables]:
    """The KPI tables of a folder; computed once for folders that hold the same account."""
    lakes = FreshLakes(tmp_path_factory.mktemp("lake"))
    found: dict[str, Tables] = {}

    def tables(folder: Path) -> Tables:
        files = sorted(path for path in folder.iterdir() if path.name != "expected.yaml")
        account = "".join(path.read_text(encoding="utf-8") for path in files) + str(read(folder).as_of)
        if account not in found:
            found[account] = kpi_tables(lakes.fresh(), folder)
        return found[account]

    return tables


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_number_derived_by_hand(computed: Callable[[Path], Tables], folder: Path) -> None:
    example = read(folder)
    recomputed = recompute(folder, (folder / "kpis.yaml").read_text(encoding="utf-8"), example.instant)
    for found in (example.found(computed(folder)), example.found(recomputed)):
        assert {column: value for column, value in found.items() if not is_number(value)} == {
            column: value for column, value in example.expected.items() if not is_number(value)
        }
        assert [value for value in found.values() if is_number(value)] == pytest.approx(
            [value for value in example.expected.values() if is_number(value)], rel=SIX_DIGITS
        )


def test_every_kpi_has_a_worked_example(computed: Callable[[Path], Tables]) -> None:
    tables = computed(FOLDERS[0])
    kpis = {column for name in KEYS if name != "data_quality" for row in tables[name][:1] for column in row}
    shown = {column for folder in FOLDERS for column in read(folder).expected}
    assert kpis - shown - NOT_IN_A_FOLDER_OF_ITS_OWN == set()
