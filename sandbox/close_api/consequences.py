"""What Close does by itself when something changes.

A new status leaves a status change; a deal that is won gets today's date; a finished task leaves
a TaskCompleted. Source: developer.close.com "Opportunities", "Leads", "Tasks"; recorded events.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.close_api import errors, times

if TYPE_CHECKING:
    from sandbox.close_api.collection import Row
    from sandbox.close_api.ledger import Ledger
    from sandbox.close_api.recorder import Change

_MISSING = "Object does not exist."


def before_create(writer: Ledger, resource: str, row: Row, change: Change) -> None:
    """Fill in what Close decides for a new object, and check what it refers to.

    Raises:
        ApiError: 400 for a lead or status that does not exist, or a value that is no whole number of cents.
    """
    if resource in {"opportunities", "contacts"}:
        _check_lead(writer, row, required=True)
    if resource in {"activities", "tasks"}:
        _check_lead(writer, row, required=False)
    if resource == "opportunities":
        _check_value(row)
    if resource in {"opportunities", "activities"}:
        row.setdefault("user_id", change.by)
    if resource == "tasks":
        row.setdefault("_type", "lead")
        row.setdefault("assigned_to", change.by)
    if resource == "leads":
        first = next(iter(writer.account["lead_statuses"]), None)
        row.setdefault("status_id", first["id"] if first else None)
        _check_lead_status(writer, row["status_id"])
    if resource == "opportunities":
        row.setdefault("status_id", next(iter(writer.account.statuses), None))
        _check_opportunity_status(writer, row["status_id"])
        for field, value in _closing_dates(writer, row, row["status_id"], change).items():
            row.setdefault(field, value)


def _check_value(row: Row) -> None:
    """Take a value as whole cents. Source: developer.close.com "Opportunities": value is an integer, in cents."""
    value = row.get("value")
    if isinstance(value, float) and value.is_integer():
        row["value"] = int(value)
    elif value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise errors.invalid_fields(value="This value should be an integer.")


def after_create(writer: Ledger, resource: str, row: Row, change: Change) -> None:
    """Add what a new object brings with it."""
    if resource == "leads":
        created = {"_type": "Created", "lead_id": row["id"], "user_id": change.by, "source": "api"}
        writer.add("activities", {**created, "date_created": row["date_created"]}, change)
    if resource == "contacts":
        contact_ids_changed(writer, row["lead_id"], row["id"], change)


def before_update(writer: Ledger, resource: str, old: Row, patch: Row, change: Change) -> Row:
    """Return a patch with what Close adds to it; log the status change that it is.

    Raises:
        ApiError: 400 for a status that does not exist, or a value that is no whole number of cents.
    """
    if resource == "opportunities":
        _check_value(patch)
    status_id = patch.get("status_id")
    if status_id is None or status_id == old.get("status_id"):
        return patch
    if resource == "leads":
        _check_lead_status(writer, status_id)
        _note_lead_status(writer, old, status_id, change)
    if resource == "opportunities":
        _check_opportunity_status(writer, status_id)
        patch = {**_closing_dates(writer, old, status_id, change), **patch}
        _note_opportunity_status(writer, old, patch, change)
    return patch


def after_update(writer: Ledger, resource: str, old: Row, row: Row, change: Change) -> None:
    """Add what a change brings with it."""
    if resource == "tasks" and row.get("is_complete") and not old.get("is_complete"):
        completed = writer.add(
            "activities",
            {
                "_type": "TaskCompleted",
                "lead_id": row.get("lead_id"),
                "contact_id": row.get("contact_id"),
                "user_id": change.by,
                "task_id": row["id"],
                "task_text": row.get("text"),
                "task_assigned_to": row.get("assigned_to"),
            },
            change,
        )
        row = writer.account.put(
            "tasks", {**row, "object_type": "taskcompleted", "object_id": completed["id"], "view": "archive"}
        )
        writer.recorder.note("completed", "tasks", row, change, data=writer.recorder.picture("tasks", row))


def contact_ids_changed(writer: Ledger, lead_id: str, contact_id: str, change: Change) -> None:
    """Log on a lead that a contact came or went."""
    lead = writer.account["leads"].get(lead_id)
    if lead is None:
        return
    before = writer.recorder.picture("leads", lead)
    is_there = contact_id in before["contact_ids"]
    others = [other for other in before["contact_ids"] if other != contact_id]
    before["contact_ids"] = others if is_there else [*others, contact_id]
    stored = writer.account.put("leads", {**lead, "date_updated": change.stamp, "updated_by": change.by})
    writer.recorder.updated("leads", stored, before, change)


def _check_lead(writer: Ledger, row: Row, *, required: bool) -> None:
    lead_id = row.get("lead_id")
    if (lead_id is not None or required) and writer.account["leads"].get(lead_id) is None:
        raise errors.invalid_fields(lead=_MISSING)


def _check_lead_status(writer: Ledger, status_id: str | None) -> None:
    if status_id is not None and writer.account["lead_statuses"].get(status_id) is None:
        raise errors.invalid_fields(status=_MISSING)


def _check_opportunity_status(writer: Ledger, status_id: str | None) -> None:
    if status_id is not None and status_id not in writer.account.statuses:
        raise errors.invalid_fields(status=_MISSING)


def _closing_dates(writer: Ledger, row: Row, status_id: str | None, change: Change) -> Row:
    """Return the dates that a won or lost status sets: today for won, now for lost."""
    match writer.account.statuses.get(status_id or "", {}).get("type"):
        case "won":
            zone = times.offset_zone(change.tz_offset)
            return {"date_won": change.at.astimezone(zone).date().isoformat()}
        case "lost":
            return {"date_lost": change.stamp}
        case _:
            return {}


def _note_lead_status(writer: Ledger, lead: Row, status_id: str, change: Change) -> None:
    """Log a lead's new status; a user's quick further change rewrites the row of the first."""
    labels = {row["id"]: row.get("label") for row in writer.account["lead_statuses"]}
    new = {"new_status_id": status_id, "new_status_label": labels.get(status_id)}
    last = next(
        (
            row
            for row in reversed(writer.account["activities"].of_lead(lead["id"]))
            if row["_type"] == "LeadStatusChange"
        ),
        None,
    )
    window = timedelta(seconds=writer.config.status_consolidation)
    if last is not None and last.get("user_id") == change.by:
        since = change.at - times.parse(last["date_created"])
        if timedelta() <= since < window:
            writer.patch("activities", last["id"], {**new, "date_created": change.stamp}, change)
            return
    old_id = lead.get("status_id")
    writer.add(
        "activities",
        {
            "_type": "LeadStatusChange",
            "lead_id": lead["id"],
            "user_id": change.by,
            "old_status_id": old_id,
            "old_status_label": labels.get(old_id, lead.get("status_label")),
            **new,
        },
        change,
    )


def _note_opportunity_status(writer: Ledger, old: Row, patch: Row, change: Change) -> None:
    """Log an opportunity's new status with a snapshot of its value."""
    row = {**old, **patch}
    statuses = writer.account.statuses
    sides: Row = {}
    for side, status_id in (("old", old.get("status_id")), ("new", row["status_id"])):
        status = statuses.get(status_id or "", {})
        sides |= {
            f"{side}_status_id": status_id,
            f"{side}_status_label": status.get("label"),
            f"{side}_status_type": status.get("type"),
            f"{side}_pipeline_id": status.get("pipeline_id"),
            f"{side}_pipeline_name": status.get("pipeline_name"),
        }
    writer.add(
        "activities",
        {
            "_type": "OpportunityStatusChange",
            "lead_id": row.get("lead_id"),
            "contact_id": row.get("contact_id"),
            "user_id": change.by,
            "opportunity_id": row["id"],
            **sides,
            "opportunity_value": row.get("value"),
            "opportunity_value_currency": row.get("value_currency"),
            "opportunity_value_period": row.get("value_period"),
            "opportunity_confidence": row.get("confidence"),
            "opportunity_date_won": row.get("date_won"),
        },
        change,
    )
