"""Every rare thing for which the KPI definitions have a rule occurs at least once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.company import odd_activities, odd_life
from sandbox.company.ids import close_id
from sandbox.company.rows import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.company.model import Lead
    from sandbox.company.rows import Row
    from sandbox.company.world import World


def leads(world: World) -> Iterator[Lead]:
    """Yield the leads of all odd cases; a gone one has no row of its own, only what it left behind."""
    yield from odd_life.lives(world)
    yield from odd_life.deals(world)
    yield from odd_activities.activities(world)
    yield from odd_activities.merges(world)
    yield from odd_activities.texts(world)


def adjust(world: World, account: dict[str, list[Row]]) -> None:
    """Add the oddities that are none of a lead: they lie in single rows."""
    activities = account["activities"]
    calls = [row for row in activities if row["_type"] == "Call" and row["user_id"] is not None]
    unmatched, orphan = dict(calls[len(calls) // 2]), dict(calls[len(calls) // 3])
    unmatched |= {"id": close_id("acti", world.seed, "unmatched"), "lead_id": None, "contact_id": None}
    orphan |= {
        "id": close_id("acti", world.seed, "orphan"),
        "lead_id": close_id("lead", world.seed, "unknown"),
    }
    activities += [unmatched, orphan]
    _consolidate(next(row for row in activities if row["_type"] == "LeadStatusChange"))
    _keep_last_completion(account)
    activities.sort(key=lambda row: (row["date_created"], row["id"]))


def _consolidate(change: Row) -> None:
    """Let a status change stand for two quick ones: Close moves its date_created, activity_at stays."""
    moved = datetime.fromisoformat(change["date_created"]) + timedelta(minutes=2)
    change |= {"date_created": stamp(moved), "date_updated": stamp(moved)}


def _keep_last_completion(account: dict[str, list[Row]]) -> None:
    """Keep one row of a task that was completed twice; both completions stay among the activities."""
    last = {task["id"]: task for task in sorted(account["tasks"], key=lambda task: str(task["date_updated"]))}
    account["tasks"] = sorted(last.values(), key=lambda task: (task["date_created"], task["id"]))
