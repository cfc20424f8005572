"""The methods of the Sheets API over the store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.sheets_api import fieldmask
from sandbox.sheets_api.a1 import parse_range
from sandbox.sheets_api.data_filters import matched, selects
from sandbox.sheets_api.errors import ApiError
from sandbox.sheets_api.messages import parse
from sandbox.sheets_api.model import Book, Sheet
from sandbox.sheets_api.requests import batch
from sandbox.sheets_api.requests.copies import copy_sheet
from sandbox.sheets_api.requests.ids import fresh
from sandbox.sheets_api.resource import spreadsheet
from sandbox.sheets_api.schema import response_message
from sandbox.sheets_api.values_api import ValuesApi
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import QueryParams

    from sandbox.sheets_api.store import Store

_PATH = re.compile(r"(?P<id>[^/:]+)(?P<rest>.*)", re.DOTALL)
_METADATA = re.compile(r"/developerMetadata/(\d+)")
_COPY_TO = re.compile(r"/sheets/(\d+):copyTo")
Body = dict[str, Any]


class SheetsApi:
    """Answers calls with the JSON Google would send.

    Args:
        store: the spreadsheets.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values = ValuesApi(store)
        self._methods: dict[tuple[str, str], Callable[[str, QueryParams, Body], Body]] = {
            ("GET", ""): self._get,
            ("POST", ":getByDataFilter"): self._get_by_data_filter,
            ("POST", ":batchUpdate"): self._batch_update,
            ("POST", "/developerMetadata:search"): self._search_metadata,
        }

    def call(self, method: str, path: str, query: QueryParams, body: Body) -> Body:
        """One call, with the part of its answer that the parameter `fields` names.

        Args:
            method: HTTP method.
            path: what follows `/v4/spreadsheets/`, decoded; empty for the collection itself.
            query: the query parameters.
            body: the decoded JSON body; empty where there is none.

        Raises:
            ApiError: what Google would answer.
        """
        # A wrong mask is refused before anything is written.
        tree = _tree(query, response_message(method, path))
        result = self._answer(method, path, query, body)
        return result if tree is None else dict(fieldmask.select(result, tree))

    def _answer(self, method: str, path: str, query: QueryParams, body: Body) -> Body:
        if (method, path) == ("POST", ""):
            return self._create(body)
        match = _PATH.fullmatch(path)
        if match is None:
            raise ApiError(404)
        book_id, rest = match["id"], match["rest"]
        known = self._methods.get((method, rest))
        if known is not None:
            return known(book_id, query, body)
        if rest.startswith(("/values/", "/values:")):
            return self._values.call(method, book_id, rest.removeprefix("/values"), query, body)
        if found := _METADATA.fullmatch(rest) if method == "GET" else None:
            return self._get_metadata(book_id, int(found[1]))
        if found := _COPY_TO.fullmatch(rest) if method == "POST" else None:
            return self._copy_to(book_id, int(found[1]), body)
        raise ApiError(404, "Requested entity was not found.")

    def _create(self, body: Body) -> Body:
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
        return spreadsheet(self._store.views(self._store.get(book.id)))

    def _get(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        blocks = [parse_range(book, text) for text in query.getlist("ranges")]
        grid_data, as_bands = _flag(query, "includeGridData"), not _flag(query, "excludeTablesInBandedRanges")
        return spreadsheet(
            self._store.views(book),
            grid_data=grid_data,
            blocks=blocks or None,
            tree=_tree(query, "Spreadsheet"),
            tables_as_bands=as_bands,
        )

    def _batch_update(self, book_id: str, query: QueryParams, body: Body) -> Body:
        self._store.get(book_id)
        asked = parse(body, "BatchUpdateSpreadsheetRequest")
        replies = self._store.change(book_id, lambda book: batch.apply(book, asked.get("requests", [])))
        answer: Body = {"spreadsheetId": book_id, "replies": replies}
        if asked.get("includeSpreadsheetInResponse"):
            book = self._store.get(book_id)
            blocks = [parse_range(book, text) for text in asked.get("responseRanges", [])]
            grid_data = bool(asked.get("responseIncludeGridData"))
            views = self._store.views(book)
            answer["updatedSpreadsheet"] = spreadsheet(views, grid_data=grid_data, blocks=blocks or None)
        return answer

    def _get_by_data_filter(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        asked = parse(body, "GetSpreadsheetByDataFilterRequest")
        filters = asked.get("dataFilters", [])
        blocks = [block for block, _ in matched(book, filters)]
        views = self._store.views(book)
        if filters and not blocks:
            # Metadata that nobody has: no sheet is matched, the spreadsheet itself is answered.
            views = Views(book.copy())
            views.book.sheets = []
        grid_data, as_bands = bool(asked.get("includeGridData")), not asked.get("excludeTablesInBandedRanges")
        return spreadsheet(
            views,
            grid_data=grid_data,
            blocks=blocks or None,
            tree=_tree(query, "Spreadsheet"),
            tables_as_bands=as_bands,
        )

    def _search_metadata(self, book_id: str, query: QueryParams, body: Body) -> Body:
        book = self._store.get(book_id)
        filters = parse(body, "SearchDeveloperMetadataRequest").get("dataFilters", [])
        found = [
            {"developerMetadata": item, "dataFilters": hits}
            for item in book.metadata
            if (hits := [each for each in filters if selects(book, each, item)])
        ]
        return {"matchedDeveloperMetadata": found} if found else {}

    def _get_metadata(self, book_id: str, metadata_id: int) -> Body:
        for item in self._store.get(book_id).metadata:
            if item["metadataId"] == metadata_id:
                return item
        raise ApiError(404)

    def _copy_to(self, book_id: str, sheet_id: int, body: Body) -> Body:
        target_id = parse(body, "CopySheetToAnotherSpreadsheetRequest").get("destinationSpreadsheetId", "")
        book = self._store.get(book_id)
        return self._store.change(target_id, lambda target: copy_sheet(book, sheet_id, target))


def _tree(query: QueryParams, message: str) -> fieldmask.Tree | None:
    mask = query.get("fields")
    return fieldmask.read_tree(mask, message) if mask and message else None


def _flag(query: QueryParams, name: str) -> bool:
    return query.get(name, "").lower() == "true"
