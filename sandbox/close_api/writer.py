"""Changes to the account, logged as Close logs them.

Used in process (``CloseSandbox.writer``), by the API's own POST, PUT and DELETE, and over HTTP
by ``/_sandbox/writer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.close_api import cascades, consequences, errors, times
from sandbox.close_api.eventing import Change, Recorder
from sandbox.close_api.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.close_api.account import Account
    from sandbox.close_api.collection import Row
    from sandbox.close_api.config import SandboxConfig
    from sandbox.close_api.times import Clock

OPPORTUNITY_STATUSES = "opportunity_statuses"
_CREDITED = frozenset({"leads", "contacts", "opportunities", "activities", "tasks"})


class Writer:
    """Creates, updates, deletes and merges rows of any resource.

    Resources are named as the account folder's files (``leads``, ``activities`` ...), with
    ``opportunity_statuses`` beside them. Every method takes ``by`` (the acting user's id), ``at``
    (the instant of the change; default: the sandbox's now) and returns stored rows.
    """

    def __init__(self, account: Account, recorder: Recorder, config: SandboxConfig, clock: Clock) -> None:
        self.account = account
        self.recorder = recorder
        self.config = config
        self._clock = clock

    def create(
        self,
        resource: str,
        data: Row,
        *,
        by: str | None = None,
        at: datetime | str | None = None,
        tz_offset: float = 0.0,
        meta: Row | None = None,
    ) -> Row:
        """Make an object.

        Args:
            resource: where it goes.
            data: its fields; an activity needs ``_type``. ``id``, ``date_created`` and
                ``activity_at`` may be given, to make a known or back-dated object.
            by: the acting user; also the owner where the data has no ``user_id``.
            at: when.
            tz_offset: hours; the zone of "today".
            meta: the event's ``meta``.

        Returns:
            The stored row.

        Raises:
            ApiError: 400 for a reference to an object that does not exist.
        """
        with self.account.lock:
            change = self.change(by=by, at=at, tz_offset=tz_offset, meta=meta)
            row = self._new(resource, data, change)
            consequences.before_create(self, resource, row, change)
            stored = self._store(resource, row)
            self.recorder.created(resource, stored, change)
            consequences.after_create(self, resource, stored, change)
            return stored

    def update(
        self,
        resource: str,
        row_id: str,
        patch: Row,
        *,
        by: str | None = None,
        at: datetime | str | None = None,
        tz_offset: float = 0.0,
        meta: Row | None = None,
    ) -> Row:
        """Change some fields of an object; a change that changes nothing is none.

        Args:
            resource: where it is.
            row_id: its id.
            patch: the fields; None unsets a custom field; ``custom.cf_x.add`` and ``.remove``
                change a multi-value.
            by: the acting user.
            at: when.
            tz_offset: hours; the zone of "today".
            meta: the event's ``meta``.

        Returns:
            The stored row.

        Raises:
            ApiError: 404 for an unknown id, 400 for an unknown reference.
        """
        with self.account.lock:
            old = self.find(resource, row_id)
            if not _differs(old, patch):
                return old
            change = self.change(by=by, at=at, tz_offset=tz_offset, meta=meta)
            patch = consequences.before_update(self, resource, old, patch, change)
            stored = self.patch(resource, row_id, patch, change)
            consequences.after_update(self, resource, old, stored, change)
            return stored

    def delete(
        self,
        resource: str,
        row_id: str,
        *,
        by: str | None = None,
        at: datetime | str | None = None,
        meta: Row | None = None,
    ) -> None:
        """Delete an object; a lead takes all that is on it with it.

        Raises:
            ApiError: 404 for an unknown id.
        """
        with self.account.lock:
            self.find(resource, row_id)
            cascades.delete(self, resource, row_id, self.change(by=by, at=at, meta=meta))

    def merge(self, source: str, destination: str, *, by: str | None = None, at: datetime | str | None = None) -> Row:
        """Merge a lead into another and return the LeadMerge activity.

        Raises:
            ApiError: 404 where one of them does not exist.
        """
        with self.account.lock:
            return cascades.merge(self, source, destination, self.change(by=by, at=at))

    def log_event(self, event: Row) -> Row:
        """Put an event into the log as it is, ``id`` and stamps filled in where missing."""
        with self.account.lock:
            now = times.naive_stamp(self._clock.now())
            return self.recorder.log.put({
                "id": new_id("events"),
                "date_created": event.get("date_updated", now),
                "date_updated": now,
                **event,
            })

    def change(
        self,
        *,
        by: str | None = None,
        at: datetime | str | None = None,
        tz_offset: float = 0.0,
        meta: Row | None = None,
    ) -> Change:
        """Return the frame of one request's changes."""
        instant = self._clock.now() if at is None else times.aware(at)
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
        stored = self._store(resource, row)
        self.recorder.updated(resource, stored, before, change)
        return stored

    def add(self, resource: str, row: Row, change: Change) -> Row:
        """Store a row that follows from another change, and log its creation."""
        stored = self._store(resource, self._new(resource, row, change))
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

    def _new(self, resource: str, data: Row, change: Change) -> Row:
        row: dict[str, Any] = {"id": new_id(resource), **data}
        if resource in {OPPORTUNITY_STATUSES, "lead_statuses"}:
            return row
        row.setdefault("date_created", change.stamp)
        row.setdefault("date_updated", change.stamp)
        if resource in _CREDITED:
            row.setdefault("created_by", change.by)
            row.setdefault("updated_by", change.by)
        return row

    def _store(self, resource: str, row: Row) -> Row:
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


def _differs(row: Row, patch: Row) -> bool:
    return any(key.endswith((".add", ".remove")) or row.get(key) != value for key, value in patch.items())


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
