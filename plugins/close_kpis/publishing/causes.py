"""Why a published value is restated, in a sentence that its reader understands."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from close_kpis.kpis.registry import Setting

NOUNS = {
    "leads": ("lead", "leads"),
    "lead_fields": ("lead's source or owner", "leads' sources or owners"),
    "lead_status_changes": ("status change", "status changes"),
    "opportunities": ("deal", "deals"),
    "opportunities_created": ("deal", "deals"),
    "opportunity_status_changes": ("deal status change", "deal status changes"),
    "calls": ("call", "calls"),
    "emails": ("email", "emails"),
    "sms": ("SMS", "SMS"),
    "notes": ("note", "notes"),
    "whatsapp_messages": ("WhatsApp message", "WhatsApp messages"),
    "meetings": ("meeting", "meetings"),
    "custom_activities": ("custom activity", "custom activities"),
    "task_completions": ("task completion", "task completions"),
}
"""What a reader calls a record of each stream, and several."""

KINDS = ("merged", "deleted", "back-dated", "added", "won", "lost", "reopened", "changed")
"""What can happen to a record, in the order in which a sentence tells it."""

MOST_MONTHS = 3
"""Restated months that a summary names."""

MOST_ACTORS = 3
"""People that a sentence names for one thing."""


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
        settings: the settings that were changed, by their key in kpis.yaml.
        models_have_changed: the numbers come from other SQL models.
        anything: all changed records, whatever they bear on.
    """

    since: datetime
    has_expired: bool
    settings: Mapping[str, Setting]
    models_have_changed: bool
    anything: tuple[Change, ...]


def read_settings(text: str) -> dict[str, Any]:
    """Return the settings that `kpi.computations` keeps as JSON."""
    settings: dict[str, Any] = json.loads(text)
    return settings


def changed_settings(
    settings: Mapping[str, Setting], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Setting]:
    """Return the settings that move numbers and differ, by their key in kpis.yaml.

    Args:
        settings: of the registry.
        before: the resolved settings of the last publish.
        after: those of this one.
    """
    return {
        key: setting
        for key, setting in settings.items()
        if setting.moves and any(before.get(name) != after.get(name) for name in setting.fields or (key,))
    }


def cause(circumstances: Circumstances, topic: str | None, bearing: Sequence[Change]) -> str:
    """Return what changed underneath a value.

    Args:
        circumstances: what is different since the last publish.
        topic: what the value's KPI is about, None for a KPI that no longer exists.
        bearing: the changed records that bear on the KPI and its month.

    Returns:
        ``settings changed: customer_basis; 3 leads merged, 1 deal back-dated by Ana``.
    """
    if topic is None:
        return "this version does not compute it any more"
    parts = []
    moving = [key for key, setting in circumstances.settings.items() if setting.moves_topic(topic)]
    if not moving and not bearing and not circumstances.models_have_changed:
        moving = list(circumstances.settings)
    if moving:
        parts.append(f"settings changed: {', '.join(moving)}")
    if circumstances.models_have_changed:
        parts.append("computed by a new version of the SQL models")
    if circumstances.has_expired:
        since = f"{circumstances.since:%Y-%m-%d %H:%M}"
        parts.append(f"the lake's snapshots since the last publish ({since}) have expired: the records cannot be told")
    elif bearing:
        parts.append(_sentence(bearing))
    return "; ".join(parts) or _fallback(circumstances)


def summary(circumstances: Circumstances, restated: Collection[date]) -> str:
    """Return what a publish brings, for those who look at its run.

    Args:
        circumstances: what is different since the last publish.
        restated: the months of which a published number reads otherwise now, by their first days.

    Returns:
        ``2 deals won, 1 deal back-dated; May 2026 restated``.
    """
    parts = []
    if circumstances.settings:
        parts.append(f"settings changed: {', '.join(circumstances.settings)}")
    if circumstances.models_have_changed:
        parts.append("a new version of the SQL models")
    if circumstances.has_expired:
        parts.append("changed records cannot be told, the lake's snapshots since the last publish have expired")
    elif circumstances.anything:
        parts.append(_sentence(circumstances.anything))
    months = [f"{month:%B %Y}" for month in sorted(restated, reverse=True)]
    if len(months) > MOST_MONTHS:
        months[MOST_MONTHS:] = [f"{len(months) - MOST_MONTHS} earlier months"]
    told = "; ".join(parts) or "no record changed"
    listed = " and ".join(filter(None, (", ".join(months[:-1]), *months[-1:])))
    return f"{told}; {listed} restated" if months else told


def counts(bearing: Iterable[Change]) -> dict[str, int]:
    """Return how many records were added, changed, deleted and merged, by the columns of `kpi.restatements`."""
    found = {"records_added": 0, "records_changed": 0, "records_deleted": 0, "records_merged": 0}
    for change in bearing:
        kind = change.kind if change.kind in {"added", "deleted", "merged"} else "changed"
        found[f"records_{kind}"] += change.records
    return found


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
