"""A spreadsheet as the sandbox keeps it.

A cell is a `CellData` without its read-only fields, at (row, column) counted from 0. Cells are never changed in place:
a write stores a new dict, so copying a sheet copies only the index of its cells.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from sandbox.sheets_api import defaults

Cell = dict[str, Any]
Position = tuple[int, int]
ROWS, COLUMNS = "ROWS", "COLUMNS"

# Sheet's lists of objects: attribute -> name in the API.
OBJECT_LISTS = {
    "merges": "merges",
    "conditional_formats": "conditionalFormats",
    "protected_ranges": "protectedRanges",
    "charts": "charts",
    "banded_ranges": "bandedRanges",
    "row_groups": "rowGroups",
    "column_groups": "columnGroups",
    "filter_views": "filterViews",
    "slicers": "slicers",
    "tables": "tables",
}
COPIED_METADATA = ("same_ids", "new_ids", "none")
"""What a copy has of developer metadata: all, with ids of their own only where theirs are taken; all, with ids of their
own; nothing."""


@dataclass
class Sheet:
    """One tab.

    Attributes:
        properties: SheetProperties; `index` is kept right by the book.
        cells: CellData without read-only fields; empty cells are absent.
        dimensions: "ROWS"/"COLUMNS" -> index -> DimensionProperties that differ from the default.
    """

    properties: dict[str, Any]
    cells: dict[Position, Cell] = field(default_factory=dict)
    dimensions: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {ROWS: {}, COLUMNS: {}})
    merges: list[dict[str, Any]] = field(default_factory=list)
    conditional_formats: list[dict[str, Any]] = field(default_factory=list)
    protected_ranges: list[dict[str, Any]] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)
    banded_ranges: list[dict[str, Any]] = field(default_factory=list)
    row_groups: list[dict[str, Any]] = field(default_factory=list)
    column_groups: list[dict[str, Any]] = field(default_factory=list)
    filter_views: list[dict[str, Any]] = field(default_factory=list)
    slicers: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    basic_filter: dict[str, Any] | None = None

    @property
    def id(self) -> int:
        """The sheetId."""
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        """The tab's title."""
        return str(self.properties["title"])

    @property
    def is_grid(self) -> bool:
        """Whether it has cells; else a chart has it for itself."""
        return bool(self.properties.get("sheetType", "GRID") == "GRID")

    @property
    def row_count(self) -> int:
        """Rows of the grid; 0 without one."""
        return int(self.properties.get("gridProperties", {}).get("rowCount", 0))

    @property
    def column_count(self) -> int:
        """Columns of the grid; 0 without one."""
        return int(self.properties.get("gridProperties", {}).get("columnCount", 0))

    def count(self, dimension: str) -> int:
        """Rows or columns of the grid."""
        return self.row_count if dimension == ROWS else self.column_count

    def groups(self, dimension: str) -> list[dict[str, Any]]:
        """The row or column groups."""
        return self.row_groups if dimension == ROWS else self.column_groups

    def write(self, at: Position, cell: Cell) -> None:
        """Stores a cell; an empty one disappears."""
        if cell:
            self.cells[at] = cell
        else:
            self.cells.pop(at, None)

    def copy(self) -> Sheet:
        """A sheet that can be changed without the original noticing."""
        return Sheet(
            properties=copy.deepcopy(self.properties),
            cells=dict(self.cells),
            dimensions={name: dict(items) for name, items in self.dimensions.items()},
            basic_filter=copy.deepcopy(self.basic_filter),
            **{name: copy.deepcopy(getattr(self, name)) for name in OBJECT_LISTS},
        )

    def to_json(self) -> dict[str, Any]:
        """The sheet as it is kept on disk."""
        return {
            "properties": self.properties,
            "cells": [[row, column, cell] for (row, column), cell in sorted(self.cells.items())],
            "dimensions": {
                name: {str(index): value for index, value in sorted(items.items())}
                for name, items in self.dimensions.items()
            },
            "basic_filter": self.basic_filter,
            **{name: getattr(self, name) for name in OBJECT_LISTS},
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Sheet:
        """The sheet that `to_json` wrote."""
        return cls(
            properties=stored["properties"],
            cells={(row, column): cell for row, column, cell in stored["cells"]},
            dimensions={
                name: {int(index): value for index, value in items.items()}
                for name, items in stored["dimensions"].items()
            },
            basic_filter=stored["basic_filter"],
            **{name: stored.get(name, []) for name in OBJECT_LISTS},
        )


@dataclass
class Book:
    """A spreadsheet.

    Attributes:
        metadata: DeveloperMetadata of the spreadsheet, its sheets, rows and columns.
        permissions: Drive's permissions, except the owner's.
        shared: whether the service account may open it.
        revision: counts commits.
        copied_metadata: one of `COPIED_METADATA`; the sandbox's choice, not kept with the book.
    """

    id: str
    properties: dict[str, Any]
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[dict[str, Any]] = field(default_factory=list)
    metadata: list[dict[str, Any]] = field(default_factory=list)
    permissions: list[dict[str, Any]] = field(default_factory=list)
    shared: bool = True
    created_at: str = ""
    modified_at: str = ""
    revision: int = 0
    copied_metadata: str = COPIED_METADATA[0]

    @property
    def title(self) -> str:
        """The spreadsheet's title."""
        return str(self.properties["title"])

    @property
    def locale(self) -> str:
        """The spreadsheet's locale, such as de_DE."""
        return str(self.properties["locale"])

    @classmethod
    def new(cls, book_id: str, title: str) -> Book:
        """A spreadsheet as Google creates it: one sheet, `Sheet1`, id 0."""
        sheet = Sheet(defaults.sheet_properties(0, "Sheet1", 0))
        return cls(book_id, defaults.spreadsheet_properties(title), [sheet])

    def sheet(self, sheet_id: int) -> Sheet | None:
        """The sheet with that id."""
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)

    def sheet_titled(self, title: str) -> Sheet | None:
        """The sheet with that title; case does not matter, as in A1 notation."""
        exact = next((sheet for sheet in self.sheets if sheet.title == title), None)
        return exact or next((sheet for sheet in self.sheets if sheet.title.lower() == title.lower()), None)

    def reindex(self) -> None:
        """Numbers the sheets by their place."""
        for index, sheet in enumerate(self.sheets):
            sheet.properties["index"] = index

    def copy(self) -> Book:
        """A book that can be changed without the original noticing."""
        return Book(
            id=self.id,
            properties=copy.deepcopy(self.properties),
            sheets=[sheet.copy() for sheet in self.sheets],
            named_ranges=copy.deepcopy(self.named_ranges),
            metadata=copy.deepcopy(self.metadata),
            permissions=copy.deepcopy(self.permissions),
            shared=self.shared,
            created_at=self.created_at,
            modified_at=self.modified_at,
            revision=self.revision,
            copied_metadata=self.copied_metadata,
        )

    def to_json(self) -> dict[str, Any]:
        """The book as it is kept on disk."""
        return {
            "id": self.id,
            "properties": self.properties,
            "named_ranges": self.named_ranges,
            "metadata": self.metadata,
            "permissions": self.permissions,
            "shared": self.shared,
            "created_at": self.created_at,
            "modified_at": self.modified_at,
            "revision": self.revision,
            "sheets": [sheet.to_json() for sheet in self.sheets],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Book:
        """The book that `to_json` wrote."""
        sheets = [Sheet.from_json(sheet) for sheet in stored["sheets"]]
        return cls(**{**stored, "sheets": sheets})
