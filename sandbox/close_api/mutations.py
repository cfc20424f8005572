"""POST, PUT and DELETE of the API, by way of the writer.

Source: developer.close.com, the page of each resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors
from sandbox.close_api.activities import activity_kind
from sandbox.close_api.calls import Reply

if TYPE_CHECKING:
    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context

_RESOURCES = {
    "lead": ("leads", "Lead"),
    "contact": ("contacts", "Contact"),
    "opportunity": ("opportunities", "Opportunity"),
    "task": ("tasks", "Task"),
}
_COMPUTED = frozenset({"id", "organization_id", "contacts", "opportunities", "tasks", "contact_ids"})


def create(context: Context, call: Call, name: str) -> Row:
    """Make a lead, contact, opportunity or task."""
    resource, _ = _RESOURCES[name]
    data = _data(call)
    nested = call.json().get("contacts") if name == "lead" else None
    row = context.writer.create(resource, data, **_frame(call))
    for contact in nested or ():
        context.writer.create("contacts", {**contact, "lead_id": row["id"]}, **_frame(call))
    return _shown(context, name, row)


def update(context: Context, call: Call, name: str, row_id: str) -> Row:
    """Change a lead, contact, opportunity or task."""
    resource, class_name = _RESOURCES[name]
    context.find(resource, row_id, class_name)
    return _shown(context, name, context.writer.update(resource, row_id, _data(call), **_frame(call)))


def delete(context: Context, call: Call, name: str, row_id: str) -> Row:
    """Delete a lead, contact, opportunity or task."""
    resource, class_name = _RESOURCES[name]
    context.find(resource, row_id, class_name)
    context.writer.delete(resource, row_id, meta=_meta(call))
    return {}


def merge(context: Context, call: Call) -> Row:
    """Merge two leads."""
    body = call.json()
    missing = {name: "This field is required." for name in ("source", "destination") if not body.get(name)}
    if missing:
        raise errors.invalid_field_errors(missing)
    context.writer.merge(str(body["source"]), str(body["destination"]))
    return {"status": "ok"}


def create_activity(context: Context, call: Call, path: str) -> Row:
    """Make an activity of the path's type."""
    row = context.writer.create("activities", {**_data(call), "_type": activity_kind(path)}, **_frame(call))
    return context.renderer.activity(row)


def update_activity(context: Context, call: Call, path: str, row_id: str) -> Row:
    """Change an activity."""
    _check_activity(context, path, row_id)
    row = context.writer.update("activities", row_id, _data(call), **_frame(call))
    return context.renderer.activity(row)


def delete_activity(context: Context, call: Call, path: str, row_id: str) -> Reply:
    """Delete an activity."""
    _check_activity(context, path, row_id)
    context.writer.delete("activities", row_id, meta=_meta(call))
    return Reply({})


def _check_activity(context: Context, path: str, row_id: str) -> None:
    kind = activity_kind(path)
    if context.find("activities", row_id, kind)["_type"] != kind:
        raise errors.unknown_object(kind)


def _data(call: Call) -> Row:
    return {name: value for name, value in call.json().items() if name not in _COMPUTED}


def _meta(call: Call) -> Row:
    return {"request_method": call.method, "request_path": f"/api/v1{call.path}"}


def _frame(call: Call) -> dict[str, Any]:
    try:
        offset = float(call.headers.get("x-tz-offset", 0))
    except ValueError:
        offset = 0.0
    return {"tz_offset": offset, "meta": _meta(call)}


def _shown(context: Context, name: str, row: Row) -> Row:
    resource, _ = _RESOURCES[name]
    return context.renderer.shown(resource, context.account[resource].rows[row["id"]], nested=True)
