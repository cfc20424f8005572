"""The reports of status changes: how many were where, and who went where.

Computed from the status change rows as they are now. A period includes its start and ends before
``date_end``; a date alone is midnight in the zone of ``x-tz-offset``. An object that has been deleted is
in no report, as its rows are gone with it. The searches and page addresses that the real reports link
to (``_queries``, ``_leads_page_urls``) are left out.

Source: developer.close.com "Reporting".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.close_api import errors, lead_query, times
from sandbox.close_api.collection import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context

    Step = tuple[int, str | None, str | None]
    """An instant in microseconds, the status before (None: made then) and after."""

_KINDS = {
    "lead": ("leads", "LeadStatusChange", "lead_id"),
    "opportunity": ("opportunities", "OpportunityStatusChange", "opportunity_id"),
}
_OF_PERIOD = ("started", "change", "change_percent", "gained", "lost")
_ALWAYS = 2**63 - 1


@dataclass
class _Tally:
    """Counts by status, and by pairs of statuses."""

    counts: dict[str, Counter[str | None]] = field(default_factory=lambda: defaultdict(Counter))
    moves: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    summary: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)

    def add(self, path: Sequence[Step], start: int, end: int) -> None:
        """Count one object, its steps from its creation on."""
        before, after = _status_at(path, start), _status_at(path, end)
        within = [step for step in path if start <= step[0] < end]
        self.counts["started"][before] += 1
        self.counts["ended"][after] += 1
        if before != after:
            self.counts["gained"][after] += 1
            self.counts["lost"][before] += 1
            self.summary[before, after] += 1
        self.counts["entered"].update({new for _, _, new in within})
        self.counts["left"].update({old for _, old, _ in within})
        self.moves.update((old, new) for _, old, new in within)


def statuses(context: Context, call: Call, kind: str, org_id: str) -> Row:
    """The status report of leads or opportunities.

    Args:
        context: the sandbox.
        call: with ``date_start``, ``date_end``, ``query`` (of leads), for opportunities ``user_id``.
        kind: lead or opportunity.
        org_id: the organisation.

    Raises:
        ApiError: 404 for another organisation or an unknown smart view, 400 for both a query and a
            smart view, or for a boundary that is no time.
    """
    if org_id != context.account.organization["id"]:
        raise errors.unknown_object("Organization")
    start, end = _boundary(call, "date_start"), _boundary(call, "date_end")
    tally = _Tally()
    for path in _paths(context, call, kind):
        tally.add(path, -1 if start is None else start, _ALWAYS if end is None else end)
    labels, gone = _labels(context, kind)
    is_overall = start is None and end is None
    return {
        "status_overview": [_overview(tally, status, labels, gone, is_overall=is_overall) for status in labels],
        "status_transitions": _transitions(tally.moves, labels, gone),
        "status_transitions_summary": _transitions(tally.summary, labels, gone),
    }


def _paths(context: Context, call: Call, kind: str) -> Iterator[list[Step]]:
    """Yield the steps of each object that the report covers, in the order of time."""
    resource, change, owner = _KINDS[kind]
    objects, activities = context.account[resource], context.account["activities"]
    leads = _leads(context, call)
    user = call.param("user_id") if kind == "opportunity" else None
    names = (owner, "old_status_id", "new_status_id", "date_created")
    changes: dict[str, list[Step]] = defaultdict(list)
    for row in activities.columns(activities.in_order(kind=change, newest_first=False), names):
        step = (instant(row, "date_created") or 0, row.get("old_status_id"), row.get("new_status_id"))
        changes[row.get(owner) or ""].append(step)
    names = ("id", "status_id", "date_created", *(() if kind == "lead" else ("lead_id", "user_id")))
    for row in objects.columns(objects.in_order(newest_first=False), names):
        if user is not None and row.get("user_id") != user:
            continue
        if leads is not None and row.get("id" if kind == "lead" else "lead_id") not in leads:
            continue
        steps = changes.get(row["id"], [])
        first = steps[0][1] if steps else row.get("status_id")
        yield [(instant(row, "date_created") or 0, None, first), *steps]


def _leads(context: Context, call: Call) -> set[str] | None:
    """Return the leads that ``query`` chooses, None for all."""
    query, view = call.param("query"), call.param("smart_view_id")
    if query and view:
        raise errors.bad_request("Only one of query and smart_view_id can be given.")
    if view:
        raise errors.unknown_object("SavedSearch")
    return set(lead_query.parse(query).run(context.account)) if query else None


def _boundary(call: Call, name: str) -> int | None:
    text = call.param(name)
    if not text:
        return None
    try:
        return times.micros(times.parse(text, zone=times.offset_zone(call.headers.get("x-tz-offset"))))
    except ValueError:
        raise errors.bad_request(f"Invalid value for {name}: {text!r} is not a date/time.") from None


def _status_at(path: Sequence[Step], at: int) -> str | None:
    """Return the status just before an instant, None where the object was not there yet."""
    status = None
    for when, _, new in path:
        if when >= at:
            break
        status = new
    return status


def _labels(context: Context, kind: str) -> tuple[dict[str, str | None], set[str]]:
    """Return the labels of all statuses, those there are first, and the ids of those that are gone."""
    account = context.account
    rows: Iterable[Row] = account["lead_statuses"] if kind == "lead" else account.statuses.values()
    labels: dict[str, str | None] = {row["id"]: row.get("label") for row in rows}
    there = set(labels)
    activities = account["activities"]
    names = ("old_status_id", "old_status_label", "new_status_id", "new_status_label")
    for row in activities.columns(activities.in_order(kind=_KINDS[kind][1], newest_first=False), names):
        for side in ("old", "new"):
            if status := row.get(f"{side}_status_id"):
                labels.setdefault(status, row.get(f"{side}_status_label"))
    return labels, set(labels) - there


def _overview(tally: _Tally, status: str, labels: Mapping[str, str | None], gone: set[str], *, is_overall: bool) -> Row:
    started, ended = tally.counts["started"][status], tally.counts["ended"][status]
    row: Row = {
        "status_id": status,
        "status_label": labels[status],
        "status_is_deleted": status in gone,
        "started": started,
        "ended": ended,
        "change": ended - started,
        "change_percent": round(100 * (ended - started) / started, 2) if started else None,
        **{name: tally.counts[name][status] for name in ("gained", "lost", "entered", "left")},
    }
    return {name: value for name, value in row.items() if not (is_overall and name in _OF_PERIOD)}


def _transitions(
    moves: Counter[tuple[str | None, str | None]], labels: Mapping[str, str | None], gone: set[str]
) -> list[Row]:
    return [
        {
            f"{side}_{name}": value
            for side, status in (("from", old), ("to", new))
            for name, value in (
                ("status_id", status),
                ("status_label", labels.get(status or "")),
                ("status_is_deleted", status in gone),
            )
        }
        | {"count": count}
        for (old, new), count in moves.most_common()
    ]
