"""Activities: one list for all types and one for each.

Source: developer.close.com "Activities".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.close_api import errors
from sandbox.close_api.activity_shapes import ACTIVITY_PATHS
from sandbox.close_api.filters import inside, one_of, read_window, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Collection, Row
    from sandbox.close_api.context import Context
    from sandbox.close_api.filters import Condition

_NEEDS_LEAD = ("user_id", "user_id__in", "contact_id", "contact_id__in", "_type", "_type__in")
_OF_TYPE = {
    "CustomActivity": ("custom_activity_type_id",),
    "OpportunityStatusChange": ("opportunity_id",),
    "FormSubmission": ("form_id",),
    "WhatsAppMessage": ("external_whatsapp_message_id",),
}
_NEWEST_HAPPENED = "-activity_at"


def activities(context: Context, call: Call, kind: str | None = None) -> Row:
    """Activities of all types or one, newest first by creation.

    Args:
        context: the sandbox.
        call: the request.
        kind: the ``_type``; None for all, where filters by user, contact and type need one lead.
    """
    rows = context.account["activities"]

    def search() -> Sequence[str]:
        lead_ids = call.values("lead_id", "lead_id__in")
        _check_activity_filters(call, kind, is_one_lead=lead_ids is not None and len(lead_ids) == 1)
        conditions = inside(read_window(call, "activity_at"))
        for name in ("user_id", "contact_id", *_OF_TYPE.get(kind or "", ())):
            conditions += one_of(name, call.values(name, f"{name}__in"))
        conditions += _threads(call, rows, kind)
        ids = select(
            rows,
            types=_activity_types(call, kind),
            lead_ids=lead_ids,
            ids=call.values("id__in"),
            created=read_window(call, "date_created"),
            conditions=conditions,
        )
        if call.param("_order_by") == _NEWEST_HAPPENED:
            ids = sorted(ids, key=lambda row_id: (rows.rows[row_id]["activity_at"], row_id), reverse=True)
        return ids

    found = context.cache.matches(call, rows, search)
    return context.rows(call, "activity", rows, found.ids, context.renderer.activity)


def activity(context: Context, call: Call, activity_id: str, kind: str | None = None) -> Row:
    """One activity."""
    row = context.find("activities", activity_id, kind or "Activity", call.user)
    if kind is not None and row.get("_type") != kind:
        raise errors.unknown_object(kind)
    return context.one(call, context.renderer.activity(row))


def activity_kind(path: str) -> str:
    """Return the ``_type`` behind a path below ``/activity/``.

    Raises:
        ApiError: 404 for a path that is none.
    """
    try:
        return ACTIVITY_PATHS[path]
    except KeyError:
        raise errors.unknown_url() from None


def _threads(call: Call, rows: Collection, kind: str | None) -> list[Condition]:
    """Return the condition that leaves out threads, or with ``thread_emails=only`` the e-mails in them.

    It holds for the list of all types, where no type is asked for.
    """
    asked = call.param("thread_emails")
    if kind is not None or asked == "true" or call.values("_type", "_type__in") is not None:
        return []
    hidden = "Email" if asked == "only" else "EmailThread"
    return [lambda row: row.get("_type") != hidden] if rows.in_order(kind=hidden) else []


def _activity_types(call: Call, kind: str | None) -> list[str] | None:
    if kind is not None:
        return [kind]
    return call.values("_type", "_type__in")


def _check_activity_filters(call: Call, kind: str | None, *, is_one_lead: bool) -> None:
    """Refuse the filters that work only together with a single lead.

    Raises:
        ApiError: 400.
    """
    by_time = [f"activity_at__{bound}" for bound in ("gt", "gte", "lt", "lte")]
    is_ordered = call.param("_order_by") == _NEWEST_HAPPENED
    if not is_ordered and any(name in call.params for name in by_time):
        raise errors.bad_request(f"Filters on 'activity_at' need '_order_by={_NEWEST_HAPPENED}'.")
    if is_one_lead:
        return
    needing = list(_NEEDS_LEAD) if kind is None else []
    if kind == "CustomActivity":
        needing += ["custom_activity_type_id", "custom_activity_type_id__in"]
    for name in needing:
        if name in call.params:
            raise errors.bad_request(f"'{name}' can only be used together with a single 'lead_id'.")
    if is_ordered:
        raise errors.bad_request(f"'_order_by={_NEWEST_HAPPENED}' can only be used with a single 'lead_id'.")
