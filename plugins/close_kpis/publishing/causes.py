"""Why a published value is restated, in a sentence that its reader understands."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

NOUNS = {
    "leads": ("lead", "leads"),
    "lead_fields": ("lead's source or owner", "leads' sources or owners"),
    "lead_status_changes": ("status change", "status changes"),
    "opportunities": ("deal", "deals"),
    "opportunities_created": ("deal", "deals"),
    "opportunity_status_changes": ("deal status change", "deal status changes"),
    "calls": ("call", "calls"),
    "emails": ("email", "emails"),
    "meetings": ("meeting", "meetings"),
    "custom_activities": ("custom activity", "custom activities"),
    "task_completions": ("task completion", "task completions"),
}
"""What a reader calls a record of each stream, and several."""

KINDS = ("merged", "deleted", "back-dated", "added", "won", "lost", "reopened", "changed")
"""What can happen to a record, in the order in which a sentence tells it."""

MOST_ACTORS = 3
"""People that a sentence names for one thing."""

_MONEY = frozenset({"customers", "rates", "revenue", "added_revenue", "cohort"})
SETTINGS: Mapping[str, tuple[str, frozenset[str] | None]] = {
    "timezone": ("timezone", None),
    "history_start": ("history_start", None),
    "customer_basis": ("customer_basis", _MONEY),
    "rate_denominator": ("rate_denominator", frozenset({"rates"})),
    "lead_status_roles": ("lead_statuses", _MONEY | {"trials", "cancelled"}),
    "pipeline_roles": ("pipelines", None),
    "source_field_id": ("source_field", frozenset({"cohort"})),
    "owner_field_id": ("owner_field", frozenset({"cancelled"})),
    "demo_rule": ("demo", frozenset({"demos"})),
    "demo_title_pattern": ("demo", frozenset({"demos"})),
    "demo_text_pattern": ("demo", frozenset({"demos"})),
    "demo_statuses": ("demo", frozenset({"demos"})),
    "demo_activity_types": ("demo", frozenset({"demos"})),
    "excluded_outcomes": ("demo", frozenset({"demos"})),
    "count_automated_emails": ("count_automated_emails", frozenset({"emails", "effort"})),
    "holidays": ("holidays", frozenset({"calls", "emails"})),
}
"""For each resolved setting that moves numbers: its key in kpis.yaml, and the topics that it moves (None: all)."""


@dataclass(frozen=True)
class Change:
    """Records to which the same has happened since the last publish.

    Attributes:
        stream: of `NOUNS`.
        kind: of `KINDS`.
        records: how many.
        actor: who did it, None where Close's event log does not tell.
    """

    stream: str
    kind: str
    records: int
    actor: str | None = None


@dataclass(frozen=True)
class Circumstances:
    """What is different since the last publish, besides single records.

    Attributes:
        since: the instant of the last publish's numbers, in the reporting time zone.
        has_expired: the lake no longer has the snapshots since then.
        settings: the settings that were changed, as keys of `SETTINGS`.
        models_have_changed: the numbers come from other SQL models.
        anything: all changed records, whatever they bear on.
    """

    since: datetime
    has_expired: bool
    settings: tuple[str, ...]
    models_have_changed: bool
    anything: tuple[Change, ...]


def read_settings(text: str) -> dict[str, Any]:
    """Return the settings that `kpi.computations` keeps as JSON."""
    settings: dict[str, Any] = json.loads(text)
    return settings


def changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the settings that move numbers and differ."""
    return tuple(name for name in SETTINGS if before.get(name) != after.get(name))


def cause(circumstances: Circumstances, topic: str, bearing: Sequence[Change]) -> str:
    """Return what changed underneath a value.

    Args:
        circumstances: what is different since the last publish.
        topic: what the value's KPI is about.
        bearing: the changed records that bear on the KPI and its month.

    Returns:
        ``settings changed: customer_basis; 3 leads merged, 1 deal back-dated by Ana``.
    """
    parts = []
    moving = [name for name in circumstances.settings if _moves(name, topic)]
    if not moving and not bearing and not circumstances.models_have_changed:
        moving = list(circumstances.settings)
    if moving:
        parts.append(f"settings changed: {', '.join(dict.fromkeys(SETTINGS[name][0] for name in moving))}")
    if circumstances.models_have_changed:
        parts.append("computed by a new version of the SQL models")
    if circumstances.has_expired:
        since = f"{circumstances.since:%Y-%m-%d %H:%M}"
        parts.append(f"the lake's snapshots since the last publish ({since}) have expired: the records cannot be told")
    elif bearing:
        parts.append(_sentence(bearing))
    return "; ".join(parts) or _fallback(circumstances)


def counts(bearing: Iterable[Change]) -> dict[str, int]:
    """Return how many records were added, changed, deleted and merged, by the columns of `kpi.restatements`."""
    found = {"records_added": 0, "records_changed": 0, "records_deleted": 0, "records_merged": 0}
    for change in bearing:
        kind = change.kind if change.kind in {"added", "deleted", "merged"} else "changed"
        found[f"records_{kind}"] += change.records
    return found


def _moves(setting: str, topic: str) -> bool:
    topics = SETTINGS[setting][1]
    return topics is None or topic in topics


def _fallback(circumstances: Circumstances) -> str:
    if circumstances.anything:
        return f"no record of this month itself; elsewhere {_sentence(circumstances.anything)}"
    return f"no record changed: time has passed since {circumstances.since:%Y-%m-%d %H:%M}"


def _sentence(changes: Iterable[Change]) -> str:
    """Return what happened to records, in the order of `KINDS`."""
    records: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    actors: defaultdict[tuple[int, str, str], set[str | None]] = defaultdict(set)
    for change in changes:
        key = (KINDS.index(change.kind), change.stream, change.kind)
        records[key] += change.records
        actors[key].add(change.actor)
    return ", ".join(
        _phrase(stream, kind, records[key], actors[key]) for key in sorted(records) for _, stream, kind in [key]
    )


def _phrase(stream: str, kind: str, records: int, actors: set[str | None]) -> str:
    one, several = NOUNS[stream]
    phrase = f"{records:,} {one if records == 1 else several} {kind}"
    known = sorted(actor for actor in actors if actor)
    if len(known) < len(actors) or len(known) > MOST_ACTORS:
        return phrase
    return f"{phrase} by {', '.join(known)}"
