"""Which path is served by which function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.close_api import (
    activities,
    errors,
    events,
    exports,
    leads,
    mutations,
    opportunities,
    reference,
    reports,
    search,
    tasks,
)
from sandbox.close_api.activities import activity_kind
from sandbox.close_api.activity_shapes import ACTIVITY_PATHS
from sandbox.close_api.calls import Reply
from sandbox.close_api.paging import read_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context

    Handler = Callable[..., Row | Reply]

_ACTIVITY = f"/activity/({'|'.join(ACTIVITY_PATHS)})/"


def _event_list(context: Context, call: Call) -> Row:
    page = read_page(call, context.config, "event", events.PAGE)
    return events.reply(context.log, call, page.limit, context.renderer)


def _event(context: Context, call: Call, event_id: str) -> Row:
    return context.renderer.event(context.log.find(event_id))


def _search(context: Context, call: Call) -> Row:
    return search.reply(context, call)


def _activities_of(context: Context, call: Call, path: str) -> Row:
    return activities.activities(context, call, activity_kind(path))


def _activity_of(context: Context, call: Call, path: str, activity_id: str) -> Row:
    return activities.activity(context, call, activity_id, activity_kind(path))


_ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/me/", reference.me),
    ("GET", "/organization/([^/]+)/", reference.organization),
    ("GET", "/user/", reference.users),
    ("GET", "/user/([^/]+)/", reference.user),
    ("GET", "/status/lead/", reference.lead_statuses),
    ("GET", "/status/lead/([^/]+)/", reference.lead_status),
    ("GET", "/status/opportunity/", reference.opportunity_statuses),
    ("GET", "/status/opportunity/([^/]+)/", reference.opportunity_status),
    ("GET", "/pipeline/", reference.pipelines),
    ("GET", "/pipeline/([^/]+)/", reference.pipeline),
    ("GET", "/custom_field/([^/]+)/", reference.custom_fields),
    ("GET", "/custom_field/([^/]+)/([^/]+)/", reference.custom_field),
    ("GET", "/custom_field_schema/([^/]+(?:/[^/]+)?)/", reference.custom_field_schema),
    ("GET", "/outcome/", reference.outcomes),
    ("GET", "/outcome/([^/]+)/", reference.outcome),
    ("GET", "/custom_activity/", reference.custom_activity_types),
    ("GET", "/custom_activity/([^/]+)/", reference.custom_activity_type),
    ("GET", "/lead/", leads.leads),
    ("POST", "/lead/merge/", mutations.merge),
    ("GET", "/lead/([^/]+)/", leads.lead),
    ("GET", "/contact/", leads.contacts),
    ("GET", "/contact/([^/]+)/", leads.contact),
    ("GET", "/opportunity/", opportunities.opportunities),
    ("GET", "/opportunity/([^/]+)/", opportunities.opportunity),
    ("GET", "/activity/", activities.activities),
    ("GET", _ACTIVITY, _activities_of),
    ("GET", _ACTIVITY + "([^/]+)/", _activity_of),
    ("GET", "/activity/([^/]+)/", activities.activity),
    ("GET", "/task/", tasks.tasks),
    ("GET", "/task/([^/]+)/", tasks.task),
    ("GET", "/event/", _event_list),
    ("GET", "/event/([^/]+)/", _event),
    ("POST", "/data/search/", _search),
    ("GET", "/report/statuses/(lead|opportunity)/([^/]+)/", reports.statuses),
    ("GET", "/export/", exports.exports),
    ("POST", "/export/lead/", exports.export_leads),
    ("POST", "/export/opportunity/", exports.export_opportunities),
    ("GET", "/export/([^/]+)/", exports.export),
    ("GET", "/role/", reference.roles),
    ("POST", "/(lead|contact|opportunity|task)/", mutations.create),
    ("PUT", "/(lead|contact|opportunity|task)/([^/]+)/", mutations.update),
    ("DELETE", "/(lead|contact|opportunity|task)/([^/]+)/", mutations.delete),
    ("POST", _ACTIVITY, mutations.create_activity),
    ("PUT", _ACTIVITY + "([^/]+)/", mutations.update_activity),
    ("DELETE", _ACTIVITY + "([^/]+)/", mutations.delete_activity),
]
_COMPILED = [(method, re.compile(pattern), handler) for method, pattern, handler in _ROUTES]


def dispatch(context: Context, call: Call) -> Reply:
    """Answer a request.

    Raises:
        ApiError: the answer is an error.
    """
    known_path = False
    for method, pattern, handler in _COMPILED:
        match = pattern.fullmatch(call.path)
        if match is None:
            continue
        known_path = True
        if method == call.method:
            body: Any = handler(context, call, *match.groups())
            return body if isinstance(body, Reply) else Reply(body)
    raise errors.wrong_method() if known_path else errors.unknown_url()
