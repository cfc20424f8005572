"""What the event log says about a change.

Source: developer.close.com "Event Log", "List of event types"; recorded events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.close_api import activity_shapes, times
from sandbox.close_api.ids import new_id

if TYPE_CHECKING:
    from sandbox.close_api.collection import Row
    from sandbox.close_api.config import SandboxConfig
    from sandbox.close_api.events import EventLog
    from sandbox.close_api.render import Renderer

_NOT_IN_EVENTS = {
    "leads": frozenset({"html_url", "integration_links", "custom"}),
    "opportunities": frozenset({"integration_links", "attachments"}),
}
_OBJECT_TYPES = {
    "leads": "lead",
    "contacts": "contact",
    "opportunities": "opportunity",
    "lead_statuses": "status.lead",
    "opportunity_statuses": "status.opportunity",
    "pipelines": "pipeline",
    "outcomes": "outcome",
    "users": "user",
    "custom_activity_types": "custom_activity_type",
    "organization": "organization",
}


@dataclass(frozen=True)
class Change:
    """Who changes something, when, and in which request; shared by all events of the request.

    Attributes:
        at: the instant.
        by: the acting user's id, None for the system.
        tz_offset: hours; "today" of a deal that is won is read there.
        request_id: ties the events of one request together.
        meta: what each event's ``meta`` says.
    """

    at: datetime
    by: str | None = None
    tz_offset: float = 0.0
    request_id: str = field(default_factory=lambda: new_id("requests"))
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """The instant in Close's usual form."""
        return times.stamp(self.at)


def object_type(resource: str, row: Row) -> str:
    """Return an object's name in the event log."""
    match resource:
        case "activities":
            return activity_shapes.EVENT_TYPES.get(row["_type"], f"activity.{row['_type'].lower()}")
        case "tasks":
            return f"task.{row.get('_type') or 'lead'}"
        case "custom_fields":
            return f"custom_fields.{row.get('object_type') or 'lead'}"
        case _:
            return _OBJECT_TYPES[resource]


class Recorder:
    """Writes events as Close does."""

    def __init__(self, log: EventLog, renderer: Renderer, config: SandboxConfig) -> None:
        self.log = log
        self._renderer = renderer
        self._config = config

    def picture(self, resource: str, row: Row) -> Row:
        """Return an object as events show it: no nested objects, no links."""
        shown = self._renderer.shown(resource, row)
        left_out = _NOT_IN_EVENTS.get(resource, frozenset())
        return {key: value for key, value in shown.items() if key not in left_out}

    def created(self, resource: str, row: Row, change: Change) -> None:
        """Log that an object was made."""
        self.note("created", resource, row, change, data=self.picture(resource, row))

    def deleted(self, resource: str, row: Row, before: Row, change: Change) -> None:
        """Log that an object is gone; ``before`` is its last picture."""
        self.note("deleted", resource, row, change, previous=before)

    def updated(self, resource: str, row: Row, before: Row, change: Change) -> None:
        """Log what changed; a user's quick further change is folded into the event of the first."""
        after = self.picture(resource, row)
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        changed = sorted({*changed, "date_updated"} if "date_updated" in after else changed)
        previous = {key: before[key] for key in changed if key in before}
        earlier = self._foldable(row["id"], change)
        if earlier is None:
            self.note("updated", resource, row, change, data=after, previous=previous, changed=changed)
            return
        self.log.put({
            **earlier,
            "date_updated": times.naive_stamp(change.at),
            "changed_fields": sorted({*earlier["changed_fields"], *changed}),
            "data": after,
            "previous_data": {**previous, **earlier["previous_data"]},
        })

    def note(
        self,
        action: str,
        resource: str,
        row: Row,
        change: Change,
        *,
        data: Row | None = None,
        previous: Row | None = None,
        changed: list[str] | None = None,
    ) -> None:
        """Log an event of any action."""
        at = times.naive_stamp(change.at)
        self.log.put({
            "id": new_id("events"),
            "object_type": object_type(resource, row),
            "action": action,
            "object_id": row["id"],
            "lead_id": row["id"] if resource == "leads" else row.get("lead_id"),
            "user_id": change.by,
            "request_id": change.request_id,
            "date_created": at,
            "date_updated": at,
            "changed_fields": changed or [],
            "data": data or {},
            "previous_data": previous or {},
            "meta": change.meta,
        })

    def _foldable(self, object_id: str, change: Change) -> Row | None:
        earlier = self.log.latest(object_id)
        if earlier is None or earlier.get("action") != "updated" or earlier.get("user_id") != change.by:
            return None
        if any("merge" in key for key in (*earlier.get("meta", {}), *change.meta)):
            return None
        since = change.at - times.parse(earlier["date_updated"])
        window = timedelta(seconds=self._config.event_consolidation)
        return earlier if timedelta() <= since < window else None
