"""A day of work in an account: what people edit, add, delete and merge between two syncs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.extract.truth import COMPARED

if TYPE_CHECKING:
    from benchmarks.extract.sandbox import Row, Sandbox

SHARES = {
    "edit_call": 0.25,
    "edit_meeting": 0.10,
    "add_call": 0.15,
    "add_old_mail": 0.15,
    "add_lead": 0.08,
    "move_lead": 0.10,
    "move_opportunity": 0.08,
    "delete_activity": 0.05,
    "delete_lead": 0.02,
    "merge_leads": 0.02,
}
"""Part of the changes by kind."""

OLDEST_MAIL_DAYS = 700


class Day:
    """Changes of one day, the same for every tool.

    Args:
        sandbox: whose account.
        seed: chooses what is changed.
    """

    def __init__(self, sandbox: Sandbox, seed: int = 1) -> None:
        self._sandbox = sandbox
        self._dice = random.Random(seed)
        self._ids = {name: self._shuffled(name) for name in ("leads", "opportunities", "calls", "meetings", "emails")}
        self._statuses = [row["id"] for row in sandbox.rows("lead_statuses")]
        self._stages = [stage["id"] for row in sandbox.rows("pipelines") for stage in row["statuses"]]

    def make(self, changes: int) -> dict[str, int]:
        """Make about as many changes; return how many by kind."""
        counts = {kind: max(1, round(changes * share)) for kind, share in SHARES.items()}
        for kind, count in counts.items():
            for _ in range(count):
                getattr(self, kind)()
        return counts

    def edit_call(self) -> None:
        """Write a disposition on a call of any age."""
        patch = {"disposition": "vm-left", "duration": self._dice.randrange(3_000, 4_000)}
        self._sandbox.write("update", resource="activities", id=self._one("calls"), data=patch)

    def edit_meeting(self) -> None:
        """Cancel a meeting of any age."""
        patch = {"status": "canceled", "title": f"Canceled {self._dice.randrange(10**6)}"}
        self._sandbox.write("update", resource="activities", id=self._one("meetings"), data=patch)

    def add_call(self) -> None:
        """Call a lead now."""
        self._add({"_type": "Call", "direction": "outbound", "status": "completed", "duration": 60})

    def add_old_mail(self) -> None:
        """Connect a mailbox: a mail of long ago is in the account from today on."""
        at = datetime.now(UTC) - timedelta(days=self._dice.uniform(2, OLDEST_MAIL_DAYS))
        dates = dict.fromkeys(("date_created", "activity_at", "date_sent"), at.isoformat())
        self._add({"_type": "Email", "direction": "incoming", "status": "inbox", **dates})

    def add_lead(self) -> None:
        """Make a lead with a deal."""
        lead = self._sandbox.write("create", resource="leads", data={"name": f"New {self._dice.randrange(10**9)}"})
        deal = {"lead_id": lead["id"], "value": 50_000, "value_period": "monthly", "confidence": 50}
        self._sandbox.write("create", resource="opportunities", data=deal)

    def move_lead(self) -> None:
        """Give a lead another status; Close notes the change."""
        self._sandbox.write("update", resource="leads", id=self._one("leads"), data=self._status(self._statuses))

    def move_opportunity(self) -> None:
        """Give a deal another status."""
        patch = self._status(self._stages)
        self._sandbox.write("update", resource="opportunities", id=self._one("opportunities"), data=patch)

    def delete_activity(self) -> None:
        """Delete a mail or a call."""
        row_id = self._one(self._dice.choice(("emails", "calls")))
        self._sandbox.write("delete", resource="activities", id=row_id)

    def delete_lead(self) -> None:
        """Delete a lead with all that is on it."""
        self._sandbox.write("delete", resource="leads", id=self._one("leads"))

    def merge_leads(self) -> None:
        """Merge a lead into another."""
        self._sandbox.write("merge", source=self._one("leads"), destination=self._one("leads"))

    def _add(self, activity: Row) -> None:
        lead_id = self._ids["leads"][self._dice.randrange(len(self._ids["leads"]) // 2)]
        self._sandbox.write("create", resource="activities", data={"lead_id": lead_id, **activity})

    def _status(self, ids: list[str]) -> Row:
        return {"status_id": self._dice.choice(ids)}

    def _one(self, stream: str) -> str:
        """Return a row that no other change has had."""
        if not self._ids[stream]:
            raise ValueError(f"the account has too few {stream} for so many changes: name fewer with --changes")
        return self._ids[stream].pop()

    def _shuffled(self, stream: str) -> list[str]:
        compared = COMPARED[stream]
        ids = sorted(row["id"] for row in self._sandbox.rows(compared.resource, ["id"], compared.kind))
        self._dice.shuffle(ids)
        return ids
