"""Google's discovery document as a schema: which fields a message has, and of which type."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parent / "discovery" / "sheets.v4.json"

# Fields with explicit presence: a zero or false that was given is kept and sent back. Every other zero vanishes, as
# proto3 JSON has it. Source: recorded Sheets traffic (GridRange omits sheetId 0 and keeps startRowIndex 0;
# SheetProperties keeps sheetId 0 and index 0; text formats keep false).
PRESENCE: dict[str, frozenset[str] | None] = {
    "ExtendedValue": None,
    "TextFormat": None,
    "SheetProperties": frozenset({"sheetId", "index"}),
    "GridRange": frozenset({"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}),
    "DimensionRange": frozenset({"startIndex", "endIndex"}),
    "ChartAxisViewWindowOptions": None,
    "UpdateConditionalFormatRuleRequest": frozenset({"newIndex"}),
    "FindReplaceRequest": frozenset({"sheetId"}),
    "DuplicateSheetRequest": frozenset({"newSheetId", "insertSheetIndex"}),
}


@dataclass(frozen=True)
class Field:
    """One field of a message.

    Attributes:
        kind: "message", "array", "map", "any", "enum", "string", "mask", "boolean", "integer", "float" or "double".
        message: the message's name, for kind "message".
        items: the element, for kinds "array" and "map".
        enum: the allowed names, the unset one first, for kind "enum".
        presence: a given zero is kept.
    """

    kind: str
    message: str = ""
    items: Field | None = None
    enum: tuple[str, ...] = ()
    presence: bool = False


@cache
def document() -> dict[str, Any]:
    """The discovery document as it is on disk."""
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


@cache
def response_message(method: str, path: str) -> str:
    """The message that a call is answered with; "" where the document has no such method.

    Args:
        method: HTTP method.
        path: what follows `/v4/spreadsheets/`, decoded.
    """
    for served, pattern, message in _methods():
        if served == method and pattern.fullmatch(path):
            return message
    return ""


@cache
def _methods() -> list[tuple[str, re.Pattern[str], str]]:
    """HTTP method, pattern of the path and answer of each method below a spreadsheet; verbs before plain ranges."""
    resources = [document()["resources"]["spreadsheets"]]
    for resource in resources:
        resources += resource.get("resources", {}).values()
    found = []
    for method in (method for resource in resources for method in resource["methods"].values()):
        path = method["path"].removeprefix("v4/spreadsheets").removeprefix("/")
        parts = re.split(r"(\{\w+\})", path)
        # A range may hold any character; an id holds neither a slash nor a colon.
        shapes = {"{range}": r"(?s:.+)"}
        pattern = "".join(shapes.get(part, r"[^/:]+") if part[:1] == "{" else re.escape(part) for part in parts)
        found.append((method["httpMethod"], re.compile(pattern), method["response"]["$ref"]))
    return found


@cache
def fields(message: str) -> dict[str, Field]:
    """The fields of a message by name.

    Args:
        message: a name from the document's `schemas`.
    """
    kept = PRESENCE.get(message, frozenset())
    return {
        name: _field(node, presence=kept is None or name in kept)
        for name, node in document()["schemas"][message].get("properties", {}).items()
    }


def _field(node: dict[str, Any], *, presence: bool = False) -> Field:
    if "$ref" in node:
        return Field("message", message=node["$ref"])
    kind = node["type"]
    if kind == "array":
        return Field("array", items=_field(node["items"]))
    if kind == "object":
        return Field("map", items=_field(node["additionalProperties"]))
    if kind == "number":
        return Field(node["format"], presence=presence)
    if kind == "string" and "enum" in node:
        return Field("enum", enum=tuple(node["enum"]), presence=presence)
    if kind == "string" and node.get("format") == "google-fieldmask":
        return Field("mask")
    return Field(kind, presence=presence)


@cache
def colour_twins(message: str) -> dict[str, str]:
    """The pairs (colour field, its ColorStyle field) of a message, by the colour field's name."""
    known = fields(message)
    return {
        name: f"{name}Style"
        for name, field in known.items()
        if field.message == "Color" and known.get(f"{name}Style", Field("")).message == "ColorStyle"
    }
