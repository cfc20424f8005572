"""The methods of the Sheets API over the store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sandbox.sheets_api import fieldmask, values
from sandbox.sheets_api.a1 import parse_range
from sandbox.sheets_api.errors import ApiError, bad_request
from sandbox.sheets_api.messages import parse
from sandbox.sheets_api.model import Book, Sheet
from sandbox.sheets_api.requests import batch, metadata
from sandbox.sheets_api.requests.ids import fresh
from sandbox.sheets_api.resource import spreadsheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import QueryParams

    from sandbox.sheets_api.store import Store

_PATH = re.compile(r"(?P<id>[^/:]+)(?P<rest>.*)", re.DOTALL)
Body = dict[str, Any]


class SheetsApi:
    """Answers calls with the JSON Google would send.

    Args:
        store: the spreadsheets.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._methods: dict[tuple[str, str], Callable[[str, QueryParams, Body], Body]] = {
            ("GET", ""): self._get,
            ("POST", ":batchUpdate"): self._batch_update,
            ("POST", "/developerMetadata:search"): self._search_metadata,
            ("GET", "/values:batchGet"): self._values_batch_get,
            ("POST", "/values:batchUpdate"): self._values_batch_update,
            ("POST", "/values:batchClear"): self._values_batch_clear,
        }

    def call(self, method: str, path: str, query: QueryParams, body: Body) -> Body:
        """One call.

        Args:
            method: HTTP method.
            path: what follows `/v4/spreadsheets/`, decoded.
            query: the query parameters.
            body: the decoded JSON body; empty where there is none.

        Raises:
            ApiError: what Google would answer.
        """
        match = _PATH.fullmatch(path)
        if match is None:
            raise ApiError(404)
        book_id, rest = match["id"], match["rest"]
        known = self._methods.get((method, rest))
        if known is not None:
            return known(book_id, query, body)
        if rest.startswith("/values/"):
            return self._values(method, book_id, rest.removeprefix("/values/"), query, body)
        raise ApiError(404, "Requested entity was not found.")

    def create(self, body: Body) -> Body:
        """spreadsheets.create: title and sheets (properties only) may be given."""
        asked = parse(body, "Spreadsheet")
        book = self._store.create(asked.get("properties", {}).get("title", "Untitled spreadsheet"))

        def edit(draft: Book) -> None:
            draft.properties = {**draft.properties, **asked.get("properties", {})}
            sheets = [sheet.get("properties", {}) for sheet in asked.get("sheets", [])]
            if sheets:
                draft.sheets = []
                for properties in sheets:
                    taken = [sheet.id for sheet in draft.sheets]
                    chosen = {"sheetId": fresh(taken), "title": f"Sheet{len(taken) + 1}", **properties}
                    grid = {"rowCount": 1000, "columnCount": 26, **properties.get("gridProperties", {})}
                    draft.sheets.append(Sheet({"index": 0, "sheetType": "GRID", **chosen, "gridProperties": grid}))
                draft.reindex()

        self._store.change(book.id, edit)
        return spreadsheet(self._store.get(book.id))

    def _get(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        blocks = [parse_range(book, text) for text in query.getlist("ranges")]
        mask = query.get("fields")
        tree = fieldmask.read_tree(mask, "Spreadsheet") if mask else None
        return spreadsheet(book, grid_data=_flag(query, "includeGridData"), blocks=blocks or None, tree=tree)

    def _batch_update(self, book_id: str, query: QueryParams, body: Body) -> Body:
        self._store.get(book_id)
        asked = parse(body, "BatchUpdateSpreadsheetRequest")
        replies = self._store.change(book_id, lambda book: batch.apply(book, asked.get("requests", [])))
        answer: Body = {"spreadsheetId": book_id, "replies": replies}
        if asked.get("includeSpreadsheetInResponse"):
            book = self._store.get(book_id)
            blocks = [parse_range(book, text) for text in asked.get("responseRanges", [])]
            grid_data = bool(asked.get("responseIncludeGridData"))
            answer["updatedSpreadsheet"] = spreadsheet(book, grid_data=grid_data, blocks=blocks or None)
        return answer

    def _search_metadata(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        filters = parse(body, "SearchDeveloperMetadataRequest").get("dataFilters", [])
        matched = [
            {"developerMetadata": item, "dataFilters": hits}
            for item in book.metadata
            if (hits := [each for each in filters if metadata.matches(item, each.get("developerMetadataLookup", {}))])
        ]
        return {"matchedDeveloperMetadata": matched} if matched else {}

    def _values(self, method: str, book_id: str, rest: str, query: QueryParams, body: Body) -> Body:
        """The methods whose path ends in a range, with a verb after it for some."""
        text, _, verb = rest.rpartition(":")
        if method == "GET":
            return values.read(self._store.get(book_id), unquote(rest), **_rendering(query))
        if method == "PUT":
            verb, text = "", rest
        if method == "POST" and verb == "clear":
            cleared = self._store.change(book_id, lambda book: values.clear(book, text))
            return {"spreadsheetId": book_id, "clearedRange": cleared}
        if (method, verb) not in {("PUT", ""), ("POST", "append")}:
            raise ApiError(404)
        asked = _value_range(body)
        entered = _entered(query.get("valueInputOption"))
        major = asked.get("majorDimension", "ROWS")
        if verb == "append":
            insert = query.get("insertDataOption") == "INSERT_ROWS"
            return self._store.change(
                book_id,
                lambda book: values.append(
                    book, text, asked.get("values"), major=major, entered=entered, insert=insert
                ),
            )
        _refuse_other_range(asked, text)
        answer = self._store.change(
            book_id, lambda book: values.update(book, text, asked.get("values"), major=major, entered=entered)
        )
        if _flag(query, "includeValuesInResponse"):
            answer["updatedData"] = values.read(self._store.get(book_id), answer["updatedRange"])
        return answer

    def _values_batch_get(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        ranges = [values.read(book, text, **_rendering(query)) for text in query.getlist("ranges")]
        return {"spreadsheetId": book_id} | ({"valueRanges": ranges} if ranges else {})

    def _values_batch_update(self, book_id: str, query: QueryParams, body: Body) -> Body:
        data = [_value_range(item) for item in body.get("data") or []]
        asked = parse({name: item for name, item in body.items() if name != "data"}, "BatchUpdateValuesRequest")
        entered = _entered(asked.get("valueInputOption"))

        def edit(book: Book) -> list[Body]:
            return [
                values.update(
                    book,
                    item.get("range", ""),
                    item.get("values"),
                    major=item.get("majorDimension", "ROWS"),
                    entered=entered,
                )
                for item in data
            ]

        responses = self._store.change(book_id, edit)
        book = self._store.get(book_id)
        blocks = [parse_range(book, response["updatedRange"]) for response in responses]
        rows = {(block.sheet.id, row) for block in blocks for row in block.rows()}
        columns = {(block.sheet.id, column) for block in blocks for column in block.columns()}
        return {
            "spreadsheetId": book_id,
            "totalUpdatedRows": len(rows),
            "totalUpdatedColumns": len(columns),
            "totalUpdatedCells": sum(response.get("updatedCells", 0) for response in responses),
            "totalUpdatedSheets": len({block.sheet.id for block in blocks}),
            "responses": responses,
        }

    def _values_batch_clear(self, book_id: str, query: QueryParams, body: Body) -> Body:
        asked = parse(body, "BatchClearValuesRequest")
        ranges = asked.get("ranges", [])
        cleared = self._store.change(book_id, lambda book: [values.clear(book, text) for text in ranges])
        return {"spreadsheetId": book_id, "clearedRanges": cleared}


def _value_range(body: Body) -> Body:
    """A ValueRange, whose values are checked by `values` with texts of their own."""
    parsed = parse({name: item for name, item in body.items() if name != "values"}, "ValueRange")
    return parsed | {"values": body.get("values")}


def _entered(option: str | None) -> bool:
    if option not in {"RAW", "USER_ENTERED"}:
        raise ApiError(400, "'valueInputOption' is required but not specified")
    return option == "USER_ENTERED"


def _rendering(query: QueryParams) -> dict[str, str]:
    names = {"major": "majorDimension", "render": "valueRenderOption", "dates": "dateTimeRenderOption"}
    choices = {
        "major": ("ROWS", "COLUMNS"),
        "render": ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"),
        "dates": ("SERIAL_NUMBER", "FORMATTED_STRING"),
    }
    chosen = {}
    for key, name in names.items():
        value = query.get(name)
        if value is not None and value not in choices[key]:
            kind = name[0].upper() + name[1:]
            text = f"Invalid value at '{name}' (type.googleapis.com/google.apps.sheets.v4.{kind}), \"{value}\""
            raise ApiError(400, text, [bad_request([(name, text)])])
        if value:
            chosen[key] = value
    return chosen


def _refuse_other_range(asked: Body, text: str) -> None:
    inner = asked.get("range")
    if inner and inner.replace("'", "") != text.replace("'", ""):
        raise ApiError(400, f"Requested writing within range [{text}], but the body names range [{inner}]")


def _flag(query: QueryParams, name: str) -> bool:
    return query.get(name, "").lower() == "true"
