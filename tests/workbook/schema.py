"""Google's discovery document as a JSON Schema, to judge the requests that are sent."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import sandbox.sheets_api as sheets_api
from sandbox.sheets_api.fieldmask import parse, unknown_paths

DOCUMENT = Path(sheets_api.__file__).parent / "discovery" / "sheets.v4.json"

MASK_ROOTS = {
    "updateCells": "CellData",
    "repeatCell": "CellData",
    "updateSheetProperties": "SheetProperties",
    "updateDimensionProperties": "DimensionProperties",
    "updateDeveloperMetadata": "DeveloperMetadata",
    "updateEmbeddedObjectPosition": "OverlayPosition",
}
"""The message that each request's field mask is about."""


@cache
def validator() -> Draft202012Validator:
    """Return a validator of BatchUpdateSpreadsheetRequest: no unknown field, right types, one kind a request."""
    schemas = json.loads(DOCUMENT.read_text(encoding="utf-8"))["schemas"]
    definitions = {name: _node(schema) for name, schema in schemas.items()}
    definitions["Request"] |= {"minProperties": 1, "maxProperties": 1}
    return Draft202012Validator({"$ref": "#/$defs/BatchUpdateSpreadsheetRequest", "$defs": definitions})


def _node(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    kind = node.get("type")
    if kind == "object":
        if "additionalProperties" in node:
            return {"type": "object", "additionalProperties": _node(node["additionalProperties"])}
        properties = {name: _node(child) for name, child in node.get("properties", {}).items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    if kind == "array":
        return {"type": "array", "items": _node(node["items"])}
    if kind == "integer":
        return {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
    return {"type": kind, "enum": node["enum"]} if "enum" in node else ({"type": kind} if kind != "any" else {})


def faults(requests: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with requests: against the schema, and in their masks."""
    found = [f"{list(error.path)}: {error.message[:200]}" for error in validator().iter_errors({"requests": requests})]
    for request in requests:
        kind, body = next(iter(request.items()))
        if "fields" in body:
            paths = parse(body["fields"])
            found += [f"{kind}: mask {path}" for path in unknown_paths(paths, MASK_ROOTS[kind])]
            found += [f"{kind}: mask is not leaf by leaf: {path}" for path in map(".".join, paths) if path in COARSE]
    return found


COARSE = frozenset({
    "*",
    "userEnteredFormat",
    "userEnteredFormat.textFormat",
    "userEnteredFormat.borders",
    "gridProperties",
})
"""Masks that would wipe what users set beside our leaves."""
