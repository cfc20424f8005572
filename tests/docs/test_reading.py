"""docs/reading.md: every cell that it names shows what it says, in the workbook of the demo company."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from gspread.utils import a1_to_rowcol

from close_kpis.kpis.registry import load_definitions
from close_kpis.paths import INCLUDE
from close_kpis.publishing.publish import prepare
from close_kpis.workbook.render import render
from sandbox.demo.account import prepare_settings
from sandbox.sheets_api import SheetsSandbox
from tests.conftest import COMPANY_DAY
from tests.support.lake import FreshLakes, lake_from_account
from tests.workbook.conftest import Book, client_of

ROOT = Path(__file__).resolve().parents[2]
SAID = re.compile(r"`([A-Z][\w ]*)!([A-Z]+\d+)`\s+\*\*([^*]+)\*\*")


@pytest.mark.slow
def test_the_cells_hold_what_the_page_says(demo_company: Path, tmp_path: Path) -> None:
    said = SAID.findall((ROOT / "docs" / "reading.md").read_text(encoding="utf-8"))
    assert len(said) > 25
    settings, _ = prepare_settings(None, None, INCLUDE / "kpis.yaml", tmp_path, COMPANY_DAY)
    zone = ZoneInfo(yaml.safe_load(settings.read_text())["timezone"])
    as_of = datetime.combine(COMPANY_DAY, time.max, zone).astimezone(UTC)
    definitions = load_definitions()
    with (
        lake_from_account(FreshLakes(tmp_path).fresh(), demo_company, settings, as_of) as con,
        SheetsSandbox(tmp_path / "sheets") as sandbox,
    ):
        stamp, tables, _ = prepare(con, "reading", definitions)
        book = Book(sandbox, client_of(sandbox), sandbox.create_spreadsheet("Close KPIs"))
        book.publish(render(tables, stamp, definitions))
        cells = {title: book.cells(title) for title in {title for title, _, _ in said}}
    shown = []
    for title, address, _ in said:
        row, column = a1_to_rowcol(address)
        shown.append((title, address, cells[title][row - 1][column - 1].get("formattedValue")))
    assert shown == said
