"""Many changes at once, spread over an account as a day of work is."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context

RESOURCES = ("leads", "opportunities", "activities")
_NOT_EDITED = frozenset({"LeadStatusChange", "OpportunityStatusChange"})


def apply(
    context: Context,
    *,
    edits: int = 0,
    creates: int = 0,
    deletes: int = 0,
    seed: int = 1,
    resources: Sequence[str] = RESOURCES,
    at: datetime | str | None = None,
) -> dict[str, dict[str, list[str]]]:
    """Edit, create and delete rows through the writer, in turn of the resources.

    An edited lead or opportunity gets another status, an edited activity another note; no row is
    edited or deleted twice. A deleted lead takes what is on it with it, which is not listed.

    Args:
        context: the sandbox.
        edits: rows to change.
        creates: rows to make.
        deletes: rows to delete; opportunities and activities before leads.
        seed: chooses the rows.
        resources: whose rows.
        at: the instant of all changes; None: the sandbox's now.

    Returns:
        ``edits``, ``creates`` and ``deletes``, each with ids by resource.

    Raises:
        ValueError: an unknown resource, or more rows to change than there are.
    """
    unknown = set(resources) - set(RESOURCES)
    if unknown or not resources:
        raise ValueError(f"unknown resource {', '.join(unknown)}: choose from {', '.join(RESOURCES)}")
    day = _Day(context, random.Random(seed), at)
    with context.account.lock:
        return {
            "edits": day.spread(resources, edits, day.edit),
            "creates": day.spread(resources, creates, day.create),
            "deletes": day.spread([name for name in reversed(RESOURCES) if name in resources], deletes, day.delete),
        }


class _Day:
    """The changes of one call."""

    def __init__(self, context: Context, dice: random.Random, at: datetime | str | None) -> None:
        self._account = context.account
        self._writer = context.writer
        self._dice = dice
        self._frame: dict[str, Any] = {"at": at}
        self._ids = {name: context.account[name].in_order(newest_first=False) for name in RESOURCES}
        self._taken: set[str] = set()

    def spread(self, resources: Sequence[str], count: int, change: Callable[[str], str]) -> dict[str, list[str]]:
        """Change ``count`` rows, about the same number of each resource."""
        found: dict[str, list[str]] = {name: [] for name in resources}
        for turn in range(count):
            name = resources[turn % len(resources)]
            found[name].append(change(name))
        return found

    def edit(self, resource: str) -> str:
        row = self._pick(resource)
        patch: Row = {"note": f"Edited {self._dice.randrange(10**9)}"}
        if resource == "leads":
            patch = {"status_id": self._other(row, list(self._account["lead_statuses"].rows))}
        if resource == "opportunities":
            patch = {"status_id": self._other(row, list(self._account.statuses))}
        self._writer.update(resource, row["id"], patch, by=row.get("user_id"), **self._frame)
        return str(row["id"])

    def create(self, resource: str) -> str:
        data: Row = {"name": f"New lead {self._dice.randrange(10**9)}"}
        if resource != "leads":
            data = {"lead_id": self._pick("leads", is_taken=False)["id"]}
        if resource == "opportunities":
            data |= {"value": self._dice.randrange(1, 500) * 1_000, "value_period": "monthly", "confidence": 50}
        if resource == "activities":
            data |= {"_type": "Call", "direction": "outbound", "duration": self._dice.randrange(600)}
        return str(self._writer.create(resource, data, **self._frame)["id"])

    def delete(self, resource: str) -> str:
        row = self._pick(resource)
        self._writer.delete(resource, row["id"], **self._frame)
        return str(row["id"])

    def _pick(self, resource: str, *, is_taken: bool = True) -> Row:
        """Return a row that is there; with ``is_taken`` one that was not returned before."""
        ids = self._ids[resource]
        for _ in range(10 * len(ids) + 100):
            row = self._account[resource].get(ids[self._dice.randrange(len(ids))]) if ids else None
            if row is None or (is_taken and (row["id"] in self._taken or row.get("_type") in _NOT_EDITED)):
                continue
            if is_taken:
                self._taken.add(row["id"])
            return row
        raise ValueError(f"the account has too few {resource} for so many changes")

    def _other(self, row: Row, ids: list[str]) -> str:
        return self._dice.choice([row_id for row_id in ids if row_id != row.get("status_id")])
