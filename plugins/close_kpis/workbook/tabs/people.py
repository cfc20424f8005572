"""Reps by name, each told from others of that name, and rank."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from close_kpis.workbook.tables import records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from close_kpis.workbook.tables import Record, Tables

UNASSIGNED = "Unassigned"
INACTIVE = " (inactive)"
"""Stands behind the name of a rep who has left."""


def people(tables: Tables) -> dict[str, str]:
    """Return a name for each user id, told from others of that name by the end of the id."""
    named = [
        frame[["user_id", "rep"]].drop_duplicates() for frame in (tables.records, tables.rep_monthly) if len(frame)
    ]
    users = [record for frame in named for record in records(frame)]
    names = {record["user_id"]: _name(record) for record in users if record["user_id"] is not None}
    several = Counter(name.casefold() for name in names.values())
    several[UNASSIGNED.casefold()] += 1
    return {
        user_id: name if several[name.casefold()] == 1 else f"{name}, …{user_id[-4:]}"
        for user_id, name in names.items()
    }


def rep_names(tables: Tables) -> dict[str | None, str]:
    """Return the name of each rep as the workbook shows it, by user id: as `people`, the departed marked."""
    names: dict[str | None, str] = {None: UNASSIGNED}
    told_apart = people(tables)
    for record in records(tables.rep_monthly):
        user_id = record["user_id"]
        if user_id is not None:
            has_left = record["is_active"] is False and _is_named(record)
            names[user_id] = f"{told_apart[user_id]}{INACTIVE}" if has_left else told_apart[user_id]
    return names


def _name(record: Record) -> str:
    """Return the name of a rep; of one whom Close no longer names the end of the user id."""
    return str(record["rep"]) if _is_named(record) else f"Former user (…{record['user_id'][-4:]})"


def _is_named(record: Record) -> bool:
    return record["rep"] not in {None, "", record["user_id"]}


def ranked_reps(rows: Iterable[Record]) -> list[str | None]:
    """Return the user ids by MRR added in completed months, then in the running one, largest first; nobody comes last.

    Args:
        rows: rows of ``kpi.rep_monthly``, of the months that count for the rank.
    """
    added: dict[str | None, list[float]] = defaultdict(lambda: [0.0, 0.0])
    names: dict[str | None, str] = {}
    for row in rows:
        added[row["user_id"]][int(row["is_running"])] -= row["arr_added_cents"] or 0
        names[row["user_id"]] = str(row["rep"]).lower()
    return sorted(added, key=lambda user: (user is None, added[user], names[user], user or ""))


def rank_key(record: Record) -> tuple[bool, float, str]:
    """Return what a month's reps are ordered by: MRR added, largest first; without a user last."""
    return record["user_id"] is None, -(record["arr_added_cents"] or 0), str(record["rep"]).lower()
