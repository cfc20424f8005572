"""Our reader of bodies against an independent judge: jsonschema over the same discovery document."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.messages import parse
from sandbox.sheets_api.schema import document
from tests.sandbox.sheets_api.support import area
from tests.sandbox.sheets_api.workbook import workbook_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.sheets_api.support import Body, Book


def convert(node: Body) -> Body:
    """A discovery schema as JSON Schema; unknown names are errors."""
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    kind = node.get("type")
    if kind == "any":
        return {}
    if kind == "array":
        items = convert(node["items"])
        # Lists of messages within a list are read as one.
        nested = {"anyOf": [items, {"type": "array", "items": items}]} if "$ref" in items else items
        return {"type": "array", "items": nested}
    if kind == "object":
        extra = node.get("additionalProperties")
        properties = {name: convert(item) for name, item in node.get("properties", {}).items()}
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": convert(extra) if extra is not None else False,
        }
    schema: Body = {"type": kind}
    if "enum" in node:
        schema["enum"] = node["enum"]
    if kind == "integer":
        schema |= {"minimum": -(2**31), "maximum": 2**31 - 1}
    return schema


def validator(message: str) -> jsonschema.Draft202012Validator:
    definitions = {name: convert(node) for name, node in document()["schemas"].items()}
    definitions["Request"] |= {"minProperties": 1, "maxProperties": 1}
    return jsonschema.Draft202012Validator({"$defs": definitions, "$ref": f"#/$defs/{message}"})


def mutations(body: Any) -> Iterator[Any]:
    """The body with one thing wrong, at every place."""
    for path in list(places(body)):
        for damage in (spoil_name, spoil_value):
            broken = copy.deepcopy(body)
            if damage(broken, path):
                yield broken


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from places(child, (*path, key))


def spoil_name(body: Any, path: tuple[Any, ...]) -> bool:
    owner = at(body, path[:-1])
    if not isinstance(owner, dict):
        return False
    owner[f"{path[-1]}X"] = owner.pop(path[-1])
    return True


def spoil_value(body: Any, path: tuple[Any, ...]) -> bool:
    owner = at(body, path[:-1])
    value = owner[path[-1]]
    owner[path[-1]] = [] if isinstance(value, dict) else {"x": 1} if isinstance(value, list) else [value]
    return True


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        node = node[key]
    return node


def accepted(body: Any) -> bool:
    try:
        parse(body, "BatchUpdateSpreadsheetRequest")
    except ApiError:
        return False
    return True


def test_every_damage_to_a_request_is_refused_as_jsonschema_refuses_it() -> None:
    judge = validator("BatchUpdateSpreadsheetRequest")
    samples: dict[str, Body] = {}
    for request in workbook_requests():
        kind, payload = next(iter(request.items()))
        rows = {"rows": payload["rows"][2:4]} if "rows" in payload else {}
        samples.setdefault(kind, {kind: {**payload, **rows}})
    count = 0
    for request in samples.values():
        body = {"requests": [request]}
        assert judge.is_valid(body)
        assert accepted(body)
        for broken in mutations(body):
            count += 1
            assert accepted(broken) == judge.is_valid(broken), broken
    assert count > 300


@pytest.mark.parametrize("grid_data", ["true", "false"])
def test_what_the_sandbox_answers_conforms_to_the_schema(book: Book, grid_data: str) -> None:
    answer = book.post(*workbook_requests())
    validator("BatchUpdateSpreadsheetResponse").validate(answer.json())
    validator("Spreadsheet").validate(book.get(includeGridData=grid_data))


def test_the_canonical_form_of_a_stored_object_reads_back_as_itself(book: Book) -> None:
    book.apply(*workbook_requests())
    for sheet in book.get(includeGridData="true")["sheets"]:
        assert parse(sheet, "Sheet") == sheet
    assert parse({"range": area(0, 1, 0, 1)}, "MergeCellsRequest") == {
        "range": {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    }
