"""Reps by name and rank."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from close_kpis.workbook.tables import Record

UNASSIGNED = "Unassigned"


def plain_name(record: Record) -> str:
    """Return the name of a rep; of one whom Close no longer names the end of the user id."""
    user_id = record["user_id"]
    named: str | None = record["rep"]
    return named if named and named != user_id else f"Former user (…{user_id[-4:]})"


def rep_name(record: Record) -> str:
    """Return a rep's name as the workbook shows it: the departed are marked."""
    if record["user_id"] is None:
        return UNASSIGNED
    name = plain_name(record)
    return name if record["is_active"] in {None, True} or name != record["rep"] else f"{name} (inactive)"


def ranked_reps(rows: Iterable[Record]) -> list[str | None]:
    """Return the user ids by MRR added in completed months, then in the running one, largest first; nobody comes last.

    Args:
        rows: rows of ``kpi.rep_monthly``, of the months that count for the rank.
    """
    added: dict[str | None, list[float]] = defaultdict(lambda: [0.0, 0.0])
    names: dict[str | None, str] = {}
    for row in rows:
        added[row["user_id"]][int(row["is_running"])] -= row["arr_added_cents"] or 0
        names[row["user_id"]] = rep_name(row).lower()
    return sorted(added, key=lambda user: (user is None, added[user], names[user], user or ""))


def rank_key(record: Record) -> tuple[bool, float, str]:
    """Return what a month's reps are ordered by: MRR added, largest first; without a user last."""
    return record["user_id"] is None, -(record["arr_added_cents"] or 0), rep_name(record).lower()
