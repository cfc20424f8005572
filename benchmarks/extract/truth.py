"""Rows that a tool delivered against those that the account holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.extract.sandbox import Sandbox

Row = dict[str, Any]
Rows = dict[str, Row]


@dataclass(frozen=True)
class Compared:
    """A stream that is compared.

    Attributes:
        resource: the account's resource.
        kind: its ``_type``, None for all.
        fields: what is compared of a row.
    """

    resource: str
    kind: str | None
    fields: tuple[str, ...]


def _activity(kind: str, *fields: str) -> Compared:
    return Compared("activities", kind, ("id", "date_updated", "lead_id", "user_id", *fields))


COMPARED: Mapping[str, Compared] = MappingProxyType({
    "leads": Compared("leads", None, ("id", "date_updated", "status_id", "display_name")),
    "opportunities": Compared(
        "opportunities",
        None,
        ("id", "date_updated", "lead_id", "user_id", "status_id", "value", "value_period", "confidence", "date_won"),
    ),
    "calls": _activity("Call", "direction", "status", "disposition", "duration", "outcome_id"),
    "emails": _activity("Email", "direction", "status", "date_sent"),
    "meetings": _activity("Meeting", "title", "status", "starts_at", "ends_at", "outcome_id"),
    "lead_status_changes": _activity("LeadStatusChange", "old_status_id", "new_status_id"),
    "opportunity_status_changes": _activity(
        "OpportunityStatusChange", "opportunity_id", "old_status_id", "new_status_id"
    ),
})
"""The streams that the tools have in common."""

KINDS: Mapping[str, str] = MappingProxyType({
    compared.kind: name for name, compared in COMPARED.items() if compared.kind is not None
})
"""Stream by ``_type`` of an activity."""

_INSTANTS = frozenset({"date_updated", "date_sent", "starts_at", "ends_at"})


@dataclass(frozen=True)
class Difference:
    """How a stream's rows differ from the account's.

    Attributes:
        rows: delivered.
        missing: in the account, not delivered.
        stale: delivered as they were before, by their ``date_updated`` or any other compared field.
        undead: delivered, but deleted or merged away in the account.
        fields: how many stale rows differ in which field.
    """

    rows: int
    missing: int
    stale: int
    undead: int
    fields: dict[str, int]


def compare(account: Rows, delivered: Rows) -> Difference:
    """Return the differences; a field that a tool does not deliver is not held against it."""
    fields: Counter[str] = Counter()
    stale = 0
    for row_id, row in account.items():
        got = delivered.get(row_id)
        differing = [] if got is None else [name for name in got if name in row and row[name] != got[name]]
        stale += bool(differing)
        fields.update(differing)
    missing = len(account.keys() - delivered.keys())
    return Difference(len(delivered), missing, stale, len(delivered.keys() - account.keys()), dict(fields))


def account_rows(sandbox: Sandbox, stream: str) -> Rows:
    """Return what a stream must hold, by id."""
    compared = COMPARED[stream]
    return kept(stream, sandbox.rows(compared.resource, compared.fields, compared.kind))


def kept(stream: str, rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Return the compared fields of a stream's rows by id; of several with one id the last."""
    return {row["id"]: plain(stream, row) for row in rows}


def plain(stream: str, row: Mapping[str, Any]) -> Row:
    """Return the compared fields of a row, its times comparable whatever their notation."""
    return {name: _plain(name, row[name]) for name in COMPARED[stream].fields if name in row}


def _plain(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _INSTANTS:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return at.replace(tzinfo=at.tzinfo or UTC).timestamp()
    return str(value)[:10] if name == "date_won" else value
