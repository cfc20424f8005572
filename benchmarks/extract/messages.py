"""What a connector wrote on standard output, taken in as a careful destination would: the last row of an id wins."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from benchmarks.extract.truth import COMPARED, KINDS, Row, Rows, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

AIRBYTE_STREAMS: Mapping[str, str] = MappingProxyType({
    "leads": "leads",
    "opportunities": "opportunities",
    "call_activities": "calls",
    "email_activities": "emails",
    "meeting_activities": "meetings",
    "lead_status_change_activities": "lead_status_changes",
    "opportunity_status_change_activities": "opportunity_status_changes",
})
"""Our stream by the connector's."""


@dataclass
class Held:
    """What a destination holds after one or more runs of a connector.

    Attributes:
        rows: the compared fields by stream and id.
        state: what the connector is given at its next run.
        errors: what it reported as gone wrong.
    """

    rows: dict[str, Rows] = field(default_factory=lambda: {name: {} for name in COMPARED})
    state: Any = None
    errors: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Rows of all streams."""
        return sum(map(len, self.rows.values()))

    def put(self, stream: str, row: Row) -> None:
        """Insert a row or replace the one with its id."""
        self.rows[stream][row["id"]] = plain(stream, row)


def take_singer(held: Held, output: Path) -> None:
    """Take in what a Singer tap wrote.

    tap-closeio has no stream of opportunities: they are taken from the leads that they are nested in,
    and those that a lead no longer has are dropped.
    """
    nested: dict[str, set[str]] = {}
    for row_id, row in held.rows["opportunities"].items():
        nested.setdefault(row["lead_id"], set()).add(row_id)
    for message in _messages(output):
        if message["type"] == "STATE":
            held.state = message["value"]
        elif message["type"] == "RECORD" and message["stream"] == "leads":
            _take_lead(held, message["record"], nested)
        elif message["type"] == "RECORD" and (stream := KINDS.get(message["record"].get("_type", ""))):
            held.put(stream, message["record"])


def _take_lead(held: Held, lead: Row, nested: dict[str, set[str]]) -> None:
    held.put("leads", lead)
    opportunities = lead.get("opportunities") or []
    now = {row["id"] for row in opportunities}
    for row_id in nested.get(lead["id"], set()) - now:
        if held.rows["opportunities"][row_id]["lead_id"] == lead["id"]:
            del held.rows["opportunities"][row_id]
    nested[lead["id"]] = now
    for row in opportunities:
        held.put("opportunities", {"lead_id": lead["id"], **row})


def take_airbyte(held: Held, output: Path) -> None:
    """Take in what an Airbyte source wrote."""
    states = {state["stream"]["stream_descriptor"]["name"]: state for state in held.state or ()}
    for message in _messages(output):
        if message["type"] == "RECORD":
            record = message["record"]
            held.put(AIRBYTE_STREAMS[record["stream"]], record["data"])
        elif message["type"] == "STATE":
            state = message["state"]
            states[state["stream"]["stream_descriptor"]["name"]] = state
        elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
            held.errors.append(str(message["trace"]["error"].get("message")))
    held.state = [{"type": state["type"], "stream": state["stream"]} for state in states.values()]


def singer_catalog(discovered: str) -> dict[str, Any]:
    """Return a tap's catalogue with the compared streams selected."""
    catalog: dict[str, Any] = json.loads(discovered)
    for stream in catalog["streams"]:
        is_compared = stream["tap_stream_id"] in {"leads", "activities"}
        root = next(entry for entry in stream["metadata"] if not entry["breadcrumb"])
        root["metadata"]["selected"] = is_compared
        stream["schema"]["selected"] = is_compared
    return catalog


def airbyte_catalog(discovered: str) -> dict[str, Any]:
    """Return the configured catalogue of a source: the compared streams, incremental."""
    found = (json.loads(line) for line in discovered.splitlines())
    catalog = next(message["catalog"] for message in found if message["type"] == "CATALOG")
    return {
        "streams": [
            {
                "stream": stream,
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
                "cursor_field": stream["default_cursor_field"],
                "primary_key": stream["source_defined_primary_key"],
            }
            for stream in catalog["streams"]
            if stream["name"] in AIRBYTE_STREAMS
        ]
    }


def _messages(output: Path) -> Iterator[dict[str, Any]]:
    with output.open(encoding="utf-8", errors="replace") as lines:
        yield from _read(lines)


def _read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the messages; a line that was cut off when the time was up is none."""
    for line in lines:
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict) and "type" in message:
            yield message
