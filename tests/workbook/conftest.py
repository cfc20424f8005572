"""A Sheets API on loopback with a spreadsheet, and the client of the pipeline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import sample
from close_kpis.kpis.registry import load_definitions
from close_kpis.workbook.diff.cell_data import leaves_from_json, value_from_json
from close_kpis.workbook.google.credentials import credentials, read_extras
from close_kpis.workbook.google.transport import SheetsTransport
from close_kpis.workbook.render import render
from close_kpis.workbook.write import Published, publish
from sandbox.sheets_api import SheetsSandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from close_kpis.workbook.spec import Workbook
    from close_kpis.workbook.tables import Stamp, Tables


@dataclass
class Book:
    """A spreadsheet in the sandbox, with the client that writes it."""

    sandbox: SheetsSandbox
    client: SheetsTransport
    id: str

    def publish(self, workbook: Workbook) -> Published:
        return publish(self.client, self.id, workbook)

    def edit(self, *requests: dict[str, Any]) -> None:
        """Do what a reader does by hand."""
        self.client.batch_update(self.id, {"requests": list(requests)})

    @property
    def sheets(self) -> list[dict[str, Any]]:
        return list(self.sandbox.spreadsheet(self.id)["sheets"])

    def sheet(self, title: str) -> dict[str, Any]:
        found = self.sandbox.spreadsheet(self.id, title)["sheets"]
        return next(sheet for sheet in found if sheet["properties"]["title"] == title)

    def gid(self, title: str) -> int:
        return int(self.sheet(title)["properties"].get("sheetId", 0))

    def cells(self, title: str) -> list[list[dict[str, Any]]]:
        return cells_of(self.sheet(title))

    def values(self, title: str) -> list[list[Any]]:
        """Return what the cells of a tab hold, without the empty ones at the end of each row."""
        return [_trimmed([value_from_json(cell) for cell in row]) for row in self.cells(title)]

    def calls(self, method: str, part: str = "/v4/") -> int:
        return sum(1 for call in self.sandbox.requests if call.method == method and part in call.path)


def cells_of(sheet: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [list(row.get("values", [])) for row in sheet["data"][0].get("rowData", [])]


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] is None:
        row.pop()
    return row


def client_of(sandbox: SheetsSandbox, *, retries: int = 2) -> SheetsTransport:
    extras = read_extras({"keyfile_dict": sandbox.service_account_info(), "api_endpoint": sandbox.url}, "test")
    return SheetsTransport(
        credentials(extras, "test"),
        conn_id="google_sheets_default",
        api_endpoint=sandbox.url,
        num_retries=retries,
        wait_initial=0.01,
    )


@pytest.fixture
def book(sheets_sandbox: SheetsSandbox) -> Book:
    return Book(sheets_sandbox, client_of(sheets_sandbox), sheets_sandbox.create_spreadsheet("Close KPIs"))


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SheetsSandbox]:
    """One sandbox for the many spreadsheets of a property test."""
    with SheetsSandbox(tmp_path_factory.mktemp("shared-sheets")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def shared_client(shared_sandbox: SheetsSandbox) -> SheetsTransport:
    return client_of(shared_sandbox)


@pytest.fixture(scope="session")
def company() -> Tables:
    return sample.tables()


def workbook_of(tables: Tables, stamp: Stamp = sample.STAMP) -> Workbook:
    return render(tables, stamp, load_definitions())


@pytest.fixture(scope="session")
def young_company() -> Tables:
    """A company in its fifth month: a small workbook with all that a large one has."""
    return sample.tables(first=date(2026, 2, 1), count=5, warnings=3)


@pytest.fixture(scope="session")
def young_workbook(young_company: Tables) -> Workbook:
    return workbook_of(young_company)


@pytest.fixture(scope="session")
def company_workbook(company: Tables) -> Workbook:
    return workbook_of(company)


def snapshot(sheet: dict[str, Any]) -> dict[str, Any]:
    """Return what a tab is, as far as this project manages it; the tab's id and name left out."""
    properties = sheet["properties"]
    grid = properties["gridProperties"]
    data = sheet["data"][0]
    cells = {
        (row, column): (value_from_json(cell), cell.get("note"), leaves_from_json(cell))
        for row, line in enumerate(data.get("rowData", []))
        for column, cell in enumerate(line.get("values", []))
    }
    return {
        "cells": {at: cell for at, cell in cells.items() if cell != (None, None, {})},
        "frozen": (grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0)),
        "gridlines": not grid.get("hideGridlines", False),
        "rules": [_without_sheet(rule) for rule in sheet.get("conditionalFormats", [])],
        "charts": sorted(
            (chart["chartId"], json.dumps(_without_sheet(chart), sort_keys=True)) for chart in sheet.get("charts", [])
        ),
        "groups": [group["range"] for group in map(_without_sheet, sheet.get("rowGroups", []))],
        "metadata": [metadata["metadataValue"] for metadata in sheet.get("developerMetadata", [])],
    }


def _without_sheet(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_sheet(value)
            for key, value in node.items()
            if key not in {"sheetId", "chartId"} or key == "chartId"
        }
    return [_without_sheet(item) for item in node] if isinstance(node, list) else node
