"""Exports: made in the background, fetched from a link that lives for a minute.

Source: developer.close.com "Exports".
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors, lead_query, search, times
from sandbox.close_api.calls import Call
from sandbox.close_api.export_store import Export
from sandbox.close_api.ids import new_id
from sandbox.close_api.opportunities import matching
from sandbox.close_api.paging import wanted_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context

DOWNLOADS = "/_downloads"
FORMATS = ("csv", "json")
LEAD_TYPES = ("leads", "contacts", "lead_opps")
DATE_FORMATS = ("original", "iso8601", "excel")
_STATES = ("created", "started", "in_progress")


def export_leads(context: Context, call: Call) -> Row:
    """Order an export of leads, of their contacts or of their opportunities."""
    body = call.json()
    kind = _choice(body, "type", LEAD_TYPES, None)
    if body.get("s_query") is not None:
        tree = body["s_query"].get("query", body["s_query"])
        ids = search.matching(context, {"query": tree, "sort": body.get("sort")}, call)
    else:
        ids = lead_query.parse(str(body.get("query") or "")).run(context.account)
    limit = body.get("results_limit")
    return _order(context, call, body, kind, ids[:limit] if isinstance(limit, int) and limit >= 0 else ids)


def export_opportunities(context: Context, call: Call) -> Row:
    """Order an export of opportunities."""
    body = call.json()
    given = body.get("params") or {}
    params = {
        name: [str(item) for item in (value if isinstance(value, list) else [value])] for name, value in given.items()
    }
    return _order(context, call, body, "opportunities", matching(context, Call("GET", "/opportunity/", params)))


def exports(context: Context, call: Call) -> Row:
    """All exports, newest first."""
    return context.listing(call, "export", context.exports.all(), lambda export: _shown(context, call, export))


def export(context: Context, call: Call, export_id: str) -> Row:
    """One export; looking at it lets it go on, and a finished one gets a new link."""
    found = context.exports[export_id]
    found.polls += 1
    return wanted_fields(context.fields(call))(_shown(context, call, found))


def _order(context: Context, call: Call, body: Row, kind: str, ids: Sequence[str]) -> Row:
    stamp = times.stamp(context.clock.now())
    user = call.user or context.writer.default_user()
    made = Export(
        {
            "id": new_id("exports"),
            "type": kind,
            "format": _choice(body, "format", FORMATS, None),
            "date_format": _choice(body, "date_format", DATE_FORMATS, DATE_FORMATS[0]),
            "fields": body.get("fields"),
            "include_activities": bool(body.get("include_activities")),
            "send_done_email": body.get("send_done_email") is not False,
            "organization_id": context.account.organization["id"],
            "user_id": user,
            "created_by": user,
            "updated_by": user,
            "date_created": stamp,
            "date_updated": stamp,
        },
        ids,
        body,
    )
    context.exports.add(made)
    return _shown(context, call, made)


def _shown(context: Context, call: Call, export: Export) -> Row:
    """Return an export as the API tells of it, with a fresh link where it is done."""
    total, polls = len(export.ids), context.config.export_polls
    is_done = export.polls >= polls
    state = "done" if is_done else _STATES[min(export.polls, len(_STATES) - 1)]
    link = None
    if is_done:
        seconds = context.config.export_link_seconds
        secret = secrets.token_urlsafe(16)
        export.links[secret] = context.clock.now() + timedelta(seconds=seconds)
        host = call.headers.get("host", "127.0.0.1")
        link = f"http://{host}{DOWNLOADS}/{export.row['id']}/{secret}?X-Amz-Expires={seconds:.0f}"
    return {
        **export.row,
        "status": state,
        "n_docs": total,
        "n_docs_processed": total if is_done else total * export.polls // max(1, polls),
        "download_url": link,
    }


def _choice(body: Row, name: str, choices: Sequence[str], default: Any) -> str:
    given = body.get(name, default)
    if given is None:
        raise errors.invalid_field_errors({name: "This field is required."})
    if given not in choices:
        raise errors.invalid_field_errors({name: f"Not a valid choice: choose from {', '.join(choices)}."})
    return str(given)
