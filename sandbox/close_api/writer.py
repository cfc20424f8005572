"""Changes to the account, logged as Close logs them.

Used in process (``CloseSandbox.writer``), by the API's own POST, PUT and DELETE, and over HTTP
by ``/_sandbox/writer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.close_api import cascades, consequences, times
from sandbox.close_api.ids import new_id
from sandbox.close_api.ledger import Ledger

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.close_api.collection import Row


class Writer(Ledger):
    """Creates, updates, deletes and merges rows of any resource.

    Resources are named as the account folder's files (``leads``, ``activities`` ...), with
    ``opportunity_statuses`` beside them. Every method takes ``by`` (the acting user's id), ``at``
    (the instant of the change; default: the sandbox's now) and returns stored rows.
    """

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
            row = self.new(resource, data, change)
            consequences.before_create(self, resource, row, change)
            stored = self.store(resource, row)
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
            now = times.naive_stamp(self.clock.now())
            return self.recorder.log.put({
                "id": new_id("events"),
                "date_created": event.get("date_updated", now),
                "date_updated": now,
                **event,
            })


def _differs(row: Row, patch: Row) -> bool:
    return any(key.endswith((".add", ".remove")) or row.get(key) != value for key, value in patch.items())
