"""The event log: what was created and changed in the last 30 days.

Source: Close's API documentation, pages resources/event-log and list-of-event-types: kept for 30 days, time
stamps without a zone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.company.catalogue import ORGANIZATION
from sandbox.company.ids import close_id
from sandbox.company.rows import Row, lead_row, naive, stamp

if TYPE_CHECKING:
    from sandbox.company.model import Lead
    from sandbox.company.world import World

KEPT_DAYS = 30
_OBJECT_TYPES = {
    "Call": "activity.call",
    "Created": "activity.created",
    "CustomActivity": "activity.custom_activity",
    "Email": "activity.email",
    "LeadStatusChange": "activity.lead_status_change",
    "Meeting": "activity.meeting",
    "Note": "activity.note",
    "OpportunityStatusChange": "activity.opportunity_status_change",
    "TaskCompleted": "activity.task_completed",
}


def event_rows(world: World, account: dict[str, list[Row]], gone: list[Lead]) -> list[Row]:
    """Return the log of the last 30 days before the end of the history, newest first.

    Args:
        world: the company.
        account: its rows by resource.
        gone: the leads that were deleted or merged; `account` has no row of them.
    """
    log = _Log(world)
    for row in account["leads"]:
        log.created("lead", {key: value for key, value in row.items() if key != "contacts"}, row["id"])
    for deal in account["opportunities"]:
        log.created("opportunity", deal, deal["lead_id"])
    for task in account["tasks"]:
        log.created("task.lead", task, task["lead_id"])
        if task["is_complete"]:
            log.happened("task.lead", "completed", task, [], {})
            log.happened("task.lead", "updated", task, ["date_updated", "is_complete"], {"is_complete": False})
    by_id = {row["id"]: row for resource in ("leads", "opportunities") for row in account[resource]}
    for activity in account["activities"]:
        log.of_activity(activity, by_id)
    for lead in gone:
        log.gone(lead)
    return sorted(log.events, key=lambda event: (event["date_updated"], event["id"]), reverse=True)


class _Log:
    """Collects the events whose time lies in the last 30 days."""

    def __init__(self, world: World) -> None:
        self._end = world.calendar.end
        self._start = self._end - timedelta(days=KEPT_DAYS)
        self.events: list[Row] = []

    def of_activity(self, activity: Row, by_id: dict[str, Row]) -> None:
        """Add what an activity tells: its creation, its end, and the change of status that it stands for."""
        kind = _OBJECT_TYPES.get(activity["_type"])
        if kind is None:
            return
        self.created(kind, activity, activity["lead_id"])
        if kind == "activity.meeting" and activity["status"] == "completed":
            self.happened(kind, "completed", activity, [], {})
            self.happened(kind, "updated", activity, ["date_updated", "status"], {"status": "in-progress"})
        if kind == "activity.email" and activity["status"] == "sent":
            self.happened(kind, "sent", activity, [], {})
        changed = {
            "activity.lead_status_change": ("lead", "lead_id"),
            "activity.opportunity_status_change": ("opportunity", "opportunity_id"),
        }
        if kind in changed:
            object_type, key = changed[kind]
            row = by_id.get(activity[key])
            if row is not None:
                data = {name: value for name, value in row.items() if name != "contacts"}
                data |= {"date_updated": activity["date_created"]}
                before = {
                    "status_id": activity["old_status_id"],
                    "status_label": activity["old_status_label"],
                }
                self.happened(object_type, "updated", data, ["date_updated", *before], before)

    def gone(self, lead: Lead) -> None:
        """Add the end of a lead; a merge also tells of the destination, and carries both ids."""
        at = stamp(lead.gone_at or lead.updated_at)
        by = lead.created_by.id if lead.created_by else None
        gone: Row = {"id": lead.id, "lead_id": lead.id, "updated_by": by, "date_updated": at}
        meta = {}
        if lead.merged_into:
            meta = {"merge_source_lead_id": lead.id, "merge_destination_lead_id": lead.merged_into}
            into: Row = {
                "id": lead.merged_into,
                "lead_id": lead.merged_into,
                "updated_by": by,
                "date_updated": at,
            }
            self._add("lead", "merged", into, lead.merged_into, at, [], {}, meta)
        last = {key: value for key, value in lead_row(lead).items() if key != "contacts"}
        self._add("lead", "deleted", gone, lead.id, at, [], last, meta)

    def created(self, object_type: str, data: Row, lead_id: str | None) -> None:
        """Add a creation; a mail came in and a meeting was booked on other days than date_created says."""
        at = data["date_created"]
        if object_type == "activity.email" or data.get("status") == "upcoming":
            at = data["date_updated"]
        self._add(object_type, "created", data, lead_id, at, [], {})

    def happened(self, object_type: str, action: str, data: Row, changed: list[str], before: Row) -> None:
        """Add a change at the row's date_updated."""
        lead_id = data["id"] if object_type == "lead" else data["lead_id"]
        self._add(object_type, action, data, lead_id, data["date_updated"], changed, before)

    def _add(
        self,
        object_type: str,
        action: str,
        data: Row,
        lead_id: str | None,
        at: str,
        changed: list[str],
        before: Row,
        meta: Row | None = None,
    ) -> None:
        instant = datetime.fromisoformat(at)
        if not self._start <= instant < self._end:
            return
        event_id = close_id("ev", object_type, action, data["id"], at)
        self.events.append({
            "id": event_id,
            "object_type": object_type,
            "action": action,
            "object_id": data["id"],
            "lead_id": lead_id,
            "user_id": data.get("user_id") or data.get("updated_by"),
            "request_id": close_id("req", event_id),
            "api_key_id": None,
            "oauth_client_id": None,
            "oauth_scope": None,
            "organization_id": ORGANIZATION,
            "date_created": naive(instant),
            "date_updated": naive(instant),
            "changed_fields": changed,
            "data": {} if action == "deleted" else data,
            "previous_data": before,
            "meta": {"request_method": "PUT" if changed else "POST", "request_path": "/api/v1/"} | (meta or {}),
        })
