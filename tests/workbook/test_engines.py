"""Every formula of the workbook: in each locale, and in LibreOffice, it gives what the sandbox's engine gives."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import openpyxl
import pytest

from close_kpis.workbook.diff.cell_data import serial
from tests.workbook.conftest import Book

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.workbook.google.transport import SheetsTransport
    from close_kpis.workbook.spec import Workbook
    from sandbox.sheets_api import SheetsSandbox

pytestmark = pytest.mark.slow

LOCALES = ("en_US", "de_DE", "fr_FR")
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")

ALWAYS_COMPUTE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""
STORED = re.compile(rb"(<f>[^<]*</f>)<v>[^<]*</v>")
"""A formula of an Excel file with what it was worth when the file was written."""


def publish(sandbox: SheetsSandbox, client: SheetsTransport, workbook: Workbook, locale: str) -> Book:
    """Publish a workbook to a spreadsheet of a locale, and enter what readers enter."""
    book = Book(sandbox, client, sandbox.create_spreadsheet(f"Close KPIs {locale}"))
    book.edit({"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}})
    book.publish(workbook)
    day = float(serial(date(2026, 6, 1)))
    _enter(
        book,
        "Targets",
        [[day - 20, "MRR", 5000.5], [day, "MRR added", 900, "Ann Bauer"], [day, "New MRR", 700, "Team"]],
    )
    _enter(book, "Spend", [[day, "Website", 1500], [day, "Referral", 99.5]])
    return book


def _enter(book: Book, title: str, lines: list[list[Any]]) -> None:
    rows = [
        {
            "values": [
                {"userEnteredValue": {"stringValue" if isinstance(value, str) else "numberValue": value}}
                for value in line
            ]
        }
        for line in lines
    ]
    start = {"sheetId": book.gid(title), "rowIndex": 4, "columnIndex": 0}
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})


FILTERED = frozenset({"Behind the numbers", "Record lists"})
"""Tabs whose formulas begin with FILTER, which LibreOffice has since 24.8 only."""


def computed(book: Book) -> dict[tuple[str, int, int], Any]:
    """Return what each formula is worth, by tab, row and column; None where it shows nothing."""
    found = {}
    for sheet in book.sheets:
        title = sheet["properties"]["title"]
        for row, line in enumerate(book.cells(title), start=1):
            for column, cell in enumerate(line, start=1):
                formula = cell.get("userEnteredValue", {}).get("formulaValue", "")
                if formula and "SPARKLINE" not in formula:
                    value = next(iter(cell.get("effectiveValue", {"": None}).values()))
                    found[title, row, column] = None if value == "" else value
    return found


@pytest.fixture(scope="module")
def american(shared_sandbox: SheetsSandbox, shared_client: SheetsTransport, young_workbook: Workbook) -> Book:
    return publish(shared_sandbox, shared_client, young_workbook, LOCALES[0])


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_every_formula_gives_the_same_in_each_locale(
    american: Book, shared_sandbox: SheetsSandbox, shared_client: SheetsTransport, young_workbook: Workbook, locale: str
) -> None:
    found = computed(publish(shared_sandbox, shared_client, young_workbook, locale))
    expected = computed(american)
    assert sum(value is not None for value in expected.values()) > 100
    assert not any(isinstance(value, dict) for value in expected.values()), "no formula is an error"
    assert found == pytest.approx(expected)


def test_libreoffice_computes_every_formula_alike(american: Book, tmp_path: Path) -> None:
    if OFFICE is None:
        pytest.skip("There is no LibreOffice on this machine.")
    address = american.sandbox.page_url(american.id).removesuffix("/edit") + "/export?format=xlsx"
    file = tmp_path / "book.xlsx"
    file.write_bytes(_without_results(httpx.get(address).raise_for_status().content))
    profile = tmp_path / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS_COMPUTE, encoding="utf-8")
    subprocess.run(
        [
            OFFICE,
            f"-env:UserInstallation={profile.parent.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "computed"),
            str(file),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    there = openpyxl.load_workbook(tmp_path / "computed" / "book.xlsx", data_only=True)
    expected = {at: value for at, value in computed(american).items() if at[0] not in FILTERED}
    found = {(title, row, column): there[title].cell(row, column).value for title, row, column in expected}
    differing = {at: (found[at], value) for at, value in expected.items() if not _is_same(found[at], value)}
    assert differing == {}


def _without_results(content: bytes) -> bytes:
    """Return an Excel file whose formulas do not say what they were worth: who shows a number has computed it."""
    bare = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(bare, "w", zipfile.ZIP_DEFLATED) as written:
        for name in whole.namelist():
            data = whole.read(name)
            written.writestr(name, STORED.sub(rb"\1", data) if name.startswith("xl/worksheets/sheet") else data)
    return bare.getvalue()


def _is_same(found: Any, expected: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return bool(found == pytest.approx(expected, rel=1e-9))
    return (found or None) == expected
