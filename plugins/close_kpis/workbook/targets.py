"""The targets that readers have entered in the workbook, read back: others tell of them what Summary shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from close_kpis.month import months_after
from close_kpis.workbook.diff.cell_data import serial
from close_kpis.workbook.diff.state import read_tab
from close_kpis.workbook.tabs.inputs import TARGET_HEADS, TARGETS
from close_kpis.workbook.tabs.insights import TEAM

if TYPE_CHECKING:
    from datetime import date

    from close_kpis.workbook.diff.cell_data import CellValue
    from close_kpis.workbook.google.transport import SheetsTransport


@dataclass(frozen=True)
class TeamTargets:
    """The targets of the team.

    Attributes:
        lines: of each line that can be read the day, as spreadsheets count days, the KPI and the target.
    """

    lines: tuple[tuple[float, str, float], ...] = ()

    def of(self, kpi: str, month: date) -> float | None:
        """Return the target of a KPI in a month, the sum of its lines as Summary's formula has it.

        Args:
            kpi: what Summary calls it.
            month: its first day.

        Returns:
            The target in the unit that Summary shows; None where none is set.
        """
        first, after = serial(month), serial(months_after(month))
        found = [
            target
            for day, named, target in self.lines
            if first <= day < after and named.casefold() == kpi.casefold() and target >= 0
        ]
        return sum(found) if found else None


def read_team_targets(client: SheetsTransport, spreadsheet_id: str) -> TeamTargets:
    """Read the tab Targets; one that is not there, or has lost its headings, holds no target.

    Args:
        client: where to read.
        spreadsheet_id: which spreadsheet.

    Raises:
        SheetsError: it cannot be read.
    """
    rows = read_tab(client, spreadsheet_id, TARGETS)
    top = next((at for at, row in enumerate(rows) if {*TARGET_HEADS} <= {*row}), None)
    if top is None:
        return TeamTargets()
    places = [rows[top].index(head) for head in TARGET_HEADS]
    lines = []
    for row in rows[top + 1 :]:
        day, kpi, target, rep = (row[at] if at < len(row) else None for at in places)
        if _is_number(day) and isinstance(kpi, str) and _is_number(target) and _is_team(rep):
            lines.append((day, kpi, target))
    return TeamTargets(tuple(lines))


def _is_number(value: CellValue) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_team(rep: CellValue) -> bool:
    """Whether a line without a rep, or with the team in its place."""
    return rep is None or (isinstance(rep, str) and rep.casefold() == TEAM.casefold())
