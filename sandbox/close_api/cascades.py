"""Deleting and merging leads: one request, many events.

Source: developer.close.com "Event Log", "Leads"; a recorded bulk deletion.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.close_api import consequences
from sandbox.close_api.errors import ApiError

if TYPE_CHECKING:
    from sandbox.close_api.collection import Row
    from sandbox.close_api.ledger import Ledger
    from sandbox.close_api.recorder import Change

CHILDREN = ("contacts", "activities", "tasks", "opportunities")
"""Kinds of rows on a lead, in the order in which a deletion takes them."""


def delete(writer: Ledger, resource: str, row_id: str, change: Change) -> None:
    """Delete a row; a lead's children go before it, each with its own event."""
    row = writer.find(resource, row_id)
    if resource == "leads":
        for children in CHILDREN:
            for child in writer.account[children].of_lead(row_id):
                writer.remove(children, child["id"], change)
    writer.remove(resource, row_id, change)
    if resource == "contacts" and row.get("lead_id"):
        consequences.contact_ids_changed(writer, row["lead_id"], row_id, change)


def merge(writer: Ledger, source_id: str, destination_id: str, change: Change) -> Row:
    """Move all children of a lead to another, log the merge and delete the first.

    Returns:
        The LeadMerge activity.

    Raises:
        ApiError: 404 where one lead does not exist, 400 where both are the same.
    """
    leads = writer.account["leads"]
    source, destination = leads.get(source_id), leads.get(destination_id)
    if source is None:
        raise ApiError(404, {"errors": ["Source lead does not exist."]})
    if destination is None:
        raise ApiError(404, {"errors": ["Destination lead does not exist."]})
    if source_id == destination_id:
        raise ApiError(400, {"errors": ["A lead cannot be merged into itself."]})
    change = replace(change, meta={"merge_source_lead_id": source_id, "merge_destination_lead_id": destination_id})
    before = writer.recorder.picture("leads", destination)
    source_name = writer.recorder.picture("leads", source)["display_name"]
    for children in CHILDREN:
        for child in writer.account[children].of_lead(source_id):
            writer.patch(children, child["id"], {"lead_id": destination_id}, change)
    merged = writer.add(
        "activities",
        {
            "_type": "LeadMerge",
            "lead_id": destination_id,
            "user_id": change.by,
            "source_lead_id": source_id,
            "destination_lead_id": destination_id,
            "source_display_name": source_name,
            "destination_display_name": before["display_name"],
            "merge_status": "completed",
        },
        change,
    )
    stored = writer.account.put("leads", {**destination, "date_updated": change.stamp, "updated_by": change.by})
    writer.recorder.updated("leads", stored, before, change)
    writer.recorder.note("merged", "leads", stored, change, data=writer.recorder.picture("leads", stored))
    writer.remove("leads", source_id, change)
    return merged
