"""Single changes of rows, each with its event; what follows from them is in `consequences` and `cascades`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors, times
from sandbox.close_api.ids import new_id
from sandbox.close_api.recorder import Change, Recorder

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.close_api.account import Account
    from sandbox.close_api.collection import Row
    from sandbox.close_api.config import SandboxConfig
    from sandbox.close_api.times import Clock

OPPORTUNITY_STATUSES = "opportunity_statuses"
_CREDITED = frozenset({"leads", "contacts", "opportunities", "activities", "tasks"})


class Ledger:
    """The account's rows and their event log, changed together."""

    def __init__(self, account: Account, recorder: Recorder, config: SandboxConfig, clock: Clock) -> None:
        self.account = account
        self.recorder = recorder
        self.config = config
        self.clock = clock

    def change(
        self,
        *,
        by: str | None = None,
        at: datetime | str | None = None,
        tz_offset: float = 0.0,
        meta: Row | None = None,
    ) -> Change:
        """Return the frame of one request's changes."""
        instant = self.clock.now() if at is None else times.aware(at)
        return Change(instant, by or self.default_user(), tz_offset, meta=meta or {})

    def default_user(self) -> str | None:
        """Return the key's user: the first active one."""
        users = self.account["users"]
        return next((str(row["id"]) for row in users if row.get("is_active") is not False), None)

    def find(self, resource: str, row_id: str) -> Row:
        """Return a stored row.

        Raises:
            ApiError: 404 without it.
        """
        if resource == OPPORTUNITY_STATUSES:
            row = self.account.statuses.get(row_id)
        else:
            row = self.account[resource].get(row_id)
        if row is None:
            raise errors.unknown_object(resource)
        return row

    def patch(self, resource: str, row_id: str, patch: Row, change: Change) -> Row:
        """Store changed fields and log them, without further consequences."""
        old = self.find(resource, row_id)
        before = self.recorder.picture(resource, old)
        row = _patched(old, patch)
        if resource != OPPORTUNITY_STATUSES and resource != "lead_statuses":
            row["date_updated"] = patch.get("date_updated", change.stamp)
        if "updated_by" in old or resource in _CREDITED:
            row["updated_by"] = change.by
        stored = self.store(resource, row)
        self.recorder.updated(resource, stored, before, change)
        return stored

    def add(self, resource: str, row: Row, change: Change) -> Row:
        """Store a row that follows from another change, and log its creation."""
        stored = self.store(resource, self.new(resource, row, change))
        self.recorder.created(resource, stored, change)
        return stored

    def remove(self, resource: str, row_id: str, change: Change) -> None:
        """Take a row out and log that."""
        row = self.find(resource, row_id)
        before = self.recorder.picture(resource, row)
        if resource == OPPORTUNITY_STATUSES:
            self._keep_status(row, is_kept=False)
        else:
            self.account.remove(resource, row_id)
        self.recorder.deleted(resource, row, before, change)

    def new(self, resource: str, data: Row, change: Change) -> Row:
        """Return a row with what Close fills in."""
        row: dict[str, Any] = {"id": new_id(resource), **data}
        if resource in {OPPORTUNITY_STATUSES, "lead_statuses"}:
            return row
        row.setdefault("date_created", change.stamp)
        row.setdefault("date_updated", change.stamp)
        if resource in _CREDITED:
            row.setdefault("created_by", change.by)
            row.setdefault("updated_by", change.by)
        return row

    def store(self, resource: str, row: Row) -> Row:
        """Put a row into the account, and return it as stored."""
        if resource == OPPORTUNITY_STATUSES:
            self._keep_status(row, is_kept=True)
            return self.account.statuses[row["id"]]
        return self.account.put(resource, row)

    def _keep_status(self, status: Row, *, is_kept: bool) -> None:
        """Put an opportunity status into its pipeline, or out of all of them."""
        kept = {"id": status["id"], "label": status.get("label"), "type": status.get("type", "active")}
        for pipeline in list(self.account["pipelines"]):
            old = pipeline.get("statuses") or []
            is_home = is_kept and pipeline["id"] == status.get("pipeline_id")
            places = [place for place, other in enumerate(old) if other["id"] == status["id"]]
            statuses = [other for other in old if other["id"] != status["id"]]
            if is_home:
                statuses.insert(places[0] if places else len(statuses), kept)
            if statuses != old:
                self.account.put("pipelines", {**pipeline, "statuses": statuses})


def _patched(old: Row, patch: Row) -> Row:
    """Return a row with a patch applied."""
    row = dict(old)
    for key, value in patch.items():
        field, _, operation = key.rpartition(".")
        if key.startswith("custom.") and operation in {"add", "remove"}:
            items = [item for item in row.get(field) or [] if item != value]
            row[field] = [*items, value] if operation == "add" else items
        elif value is None and key.startswith("custom."):
            row.pop(key, None)
        else:
            row[key] = value
    return row
