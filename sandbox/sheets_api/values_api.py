"""The methods below `spreadsheets.values` over the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import values
from sandbox.sheets_api.a1 import parse_range
from sandbox.sheets_api.data_filters import blocks, matched
from sandbox.sheets_api.errors import ApiError, bad_request
from sandbox.sheets_api.messages import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import QueryParams

    from sandbox.sheets_api.model import Book
    from sandbox.sheets_api.store import Store

Body = dict[str, Any]
RENDERINGS = {
    "major": ("majorDimension", ("ROWS", "COLUMNS")),
    "render": ("valueRenderOption", ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")),
    "dates": ("dateTimeRenderOption", ("SERIAL_NUMBER", "FORMATTED_STRING")),
}


class ValuesApi:
    """Answers calls about values with the JSON Google would send.

    Args:
        store: the spreadsheets.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.methods: dict[tuple[str, str], Callable[[str, QueryParams, Body], Body]] = {
            ("GET", ":batchGet"): self._batch_get,
            ("POST", ":batchUpdate"): self._batch_update,
            ("POST", ":batchClear"): self._batch_clear,
            ("POST", ":batchGetByDataFilter"): self._batch_get_by_filter,
            ("POST", ":batchUpdateByDataFilter"): self._batch_update_by_filter,
            ("POST", ":batchClearByDataFilter"): self._batch_clear_by_filter,
        }

    def call(self, method: str, book_id: str, rest: str, query: QueryParams, body: Body) -> Body:
        """One call.

        Args:
            method: HTTP method.
            book_id: the spreadsheet.
            rest: what follows `/values` in the path, decoded: a verb, or a range with or without a verb.
            query: the query parameters.
            body: the decoded JSON body; empty where there is none.

        Raises:
            ApiError: what Google would answer.
        """
        known = self.methods.get((method, rest))
        if known is not None:
            return known(book_id, query, body)
        if not rest.startswith("/"):
            raise ApiError(404)
        return self._of_range(method, book_id, rest.removeprefix("/"), query, body)

    def _of_range(self, method: str, book_id: str, rest: str, query: QueryParams, body: Body) -> Body:
        """The methods whose path ends in a range, with a verb after it for some."""
        text, _, verb = rest.rpartition(":")
        if method == "GET":
            return values.read(self._store.get(book_id), rest, **_rendering(query))
        if method == "PUT":
            verb, text = "", rest
        if method == "POST" and verb == "clear":
            cleared = self._store.change(book_id, lambda book: values.clear(book, text))
            return {"spreadsheetId": book_id, "clearedRange": cleared}
        if (method, verb) not in {("PUT", ""), ("POST", "append")}:
            raise ApiError(404)
        asked = _value_range(body)
        entered = _entered(query.get("valueInputOption"))
        rendering = _response_rendering(query, is_asked=query.get("includeValuesInResponse", "").lower() == "true")
        matrix, major = asked.get("values"), asked.get("majorDimension", "ROWS")
        if verb == "append":
            insert = query.get("insertDataOption") == "INSERT_ROWS"
            answer = self._store.change(
                book_id, lambda book: values.append(book, text, matrix, major=major, entered=entered, insert=insert)
            )
            self._show(book_id, [answer["updates"]], rendering)
            return answer
        _refuse_other_range(asked, text)
        answer = self._store.change(
            book_id, lambda book: values.update(book, text, matrix, major=major, entered=entered)
        )
        self._show(book_id, [answer], rendering)
        return answer

    def _batch_get(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        ranges = [values.read(book, text, **_rendering(query)) for text in query.getlist("ranges")]
        return {"spreadsheetId": book_id} | ({"valueRanges": ranges} if ranges else {})

    def _batch_get_by_filter(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        asked = parse(body, "BatchGetValuesByDataFilterRequest")
        ranges = [
            {"valueRange": values.read(book, block.a1(), **_rendering(asked)), "dataFilters": filters}
            for block, filters in matched(book, asked.get("dataFilters", []))
        ]
        return {"spreadsheetId": book_id} | ({"valueRanges": ranges} if ranges else {})

    def _batch_update(self, book_id: str, query: QueryParams, body: Body) -> Body:
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

        return self._updated(book_id, self._store.change(book_id, edit), asked)

    def _batch_update_by_filter(self, book_id: str, query: QueryParams, body: Body) -> Body:
        data = [_value_range(item, "DataFilterValueRange") for item in body.get("data") or []]
        rest = {name: item for name, item in body.items() if name != "data"}
        asked = parse(rest, "BatchUpdateValuesByDataFilterRequest")
        entered = _entered(asked.get("valueInputOption"))

        def edit(book: Book) -> list[Body]:
            responses = []
            for item in data:
                data_filter, major = item.get("dataFilter", {}), item.get("majorDimension", "ROWS")
                for block in blocks(book, data_filter):
                    done = values.update(book, block.a1(), item.get("values"), major=major, entered=entered, exact=True)
                    del done["spreadsheetId"]
                    responses.append(done | {"dataFilter": data_filter})
            return responses

        return self._updated(book_id, self._store.change(book_id, edit), asked)

    def _updated(self, book_id: str, responses: list[Body], asked: Body) -> Body:
        """The answer to an update of many ranges."""
        book = self._store.get(book_id)
        written = [parse_range(book, response["updatedRange"]) for response in responses]
        rows = {(block.sheet.id, row) for block in written for row in block.rows()}
        columns = {(block.sheet.id, column) for block in written for column in block.columns()}
        self._show(book_id, responses, _response_rendering(asked, is_asked=bool(asked.get("includeValuesInResponse"))))
        return {
            "spreadsheetId": book_id,
            "totalUpdatedRows": len(rows),
            "totalUpdatedColumns": len(columns),
            "totalUpdatedCells": sum(response.get("updatedCells", 0) for response in responses),
            "totalUpdatedSheets": len({block.sheet.id for block in written}),
            "responses": responses,
        }

    def _batch_clear(self, book_id: str, query: QueryParams, body: Body) -> Body:
        ranges = parse(body, "BatchClearValuesRequest").get("ranges", [])
        cleared = self._store.change(book_id, lambda book: [values.clear(book, text) for text in ranges])
        return {"spreadsheetId": book_id, "clearedRanges": cleared}

    def _batch_clear_by_filter(self, book_id: str, query: QueryParams, body: Body) -> Body:
        filters = parse(body, "BatchClearValuesByDataFilterRequest").get("dataFilters", [])
        cleared = self._store.change(
            book_id, lambda book: [values.clear(book, block.a1()) for block, _ in matched(book, filters)]
        )
        return {"spreadsheetId": book_id} | ({"clearedRanges": cleared} if cleared else {})

    def _show(self, book_id: str, responses: list[Body], rendering: dict[str, str] | None) -> None:
        """Adds to the answers what the cells hold now, where that was asked for."""
        if rendering is not None:
            book = self._store.get(book_id)
            for response in responses:
                response["updatedData"] = values.read(book, response["updatedRange"], **rendering)


def _value_range(body: Body, message: str = "ValueRange") -> Body:
    """A ValueRange, whose values are checked by `values` with texts of their own."""
    parsed = parse({name: item for name, item in body.items() if name != "values"}, message)
    return parsed | {"values": body.get("values")}


def _entered(option: str | None) -> bool:
    if option not in {"RAW", "USER_ENTERED"}:
        raise ApiError(400, "'valueInputOption' is required but not specified")
    return option == "USER_ENTERED"


def _rendering(asked: Mapping[str, str], prefix: str = "") -> dict[str, str]:
    """The options of a read as arguments of `values.read`."""
    chosen = {}
    for key, (option, choices) in RENDERINGS.items():
        name = f"{prefix}{option[0].upper()}{option[1:]}" if prefix else option
        value = asked.get(name)
        if value is not None and value not in choices:
            kind = option[0].upper() + option[1:]
            text = f"Invalid value at '{name}' (type.googleapis.com/google.apps.sheets.v4.{kind}), \"{value}\""
            raise ApiError(400, text, [bad_request([(name, text)])])
        if value:
            chosen[key] = value
    return chosen


def _response_rendering(asked: Mapping[str, Any], *, is_asked: bool) -> dict[str, str] | None:
    """How an update shows the cells that it wrote; None where it does not."""
    chosen = _rendering(asked, "response")
    return chosen if is_asked else None


def _refuse_other_range(asked: Body, text: str) -> None:
    inner = asked.get("range")
    if inner and inner.replace("'", "") != text.replace("'", ""):
        raise ApiError(400, f"Requested writing within range [{text}], but the body names range [{inner}]")
