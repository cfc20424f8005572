"""The page around the sheets: title bar, formula bar, tab strip."""

from __future__ import annotations

import html
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.sheets_api.charts import chart_svg
from sandbox.sheets_api.page.grid import Grid, tab_colour
from sandbox.sheets_api.views import Views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.sheets_api.model import Book, Sheet

ASSETS = Path(__file__).parent / "assets"
CHART_SHEET = 1200, 640
"""Pixels of a chart on a sheet of its own; Google fills the window."""
ICON = (
    '<svg class="icon" viewBox="0 0 24 32" aria-hidden="true"><path d="M2 0h14l8 8v22a2 2 0 0 1-2 2H2a2 2 0 0 1-2-2V2'
    'a2 2 0 0 1 2-2z" fill="#188038"/><path d="M16 0l8 8h-6a2 2 0 0 1-2-2z" fill="#0d652d"/><path d="M5 14h14v12H5zm2 '
    '2v3h4v-3zm6 0v3h4v-3zm-6 5v3h4v-3zm6 0v3h4v-3z" fill="#fff" fill-rule="evenodd"/></svg>'
)


def spreadsheet_page(book: Book) -> str:
    """The page of a spreadsheet; `#gid=<sheetId>` in its address chooses the tab."""
    views = Views(book)
    visible = [sheet for sheet in book.sheets if not sheet.properties.get("hidden")]
    sheets = "".join(
        f'<section class="sheet" id="sheet-{sheet.id}" data-gid="{sheet.id}" role="tabpanel" '
        f'aria-label="{html.escape(sheet.title)}"{" hidden" if at else ""}>'
        f"{_sheet(views, sheet)}</section>"
        for at, sheet in enumerate(visible)
    )
    tabs = "".join(
        f'<a class="tab{" on" if not at else ""}" role="tab" href="#gid={sheet.id}" data-gid="{sheet.id}" '
        f'style="{tab_colour(sheet.properties)}">{html.escape(sheet.title)}</a>'
        for at, sheet in enumerate(visible)
    )
    title = html.escape(book.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{_asset("page.css")}</style></head><body>'
        f'<header><a class="home" href="/" title="All spreadsheets">{ICON}</a><div class="names"><h1>{title}</h1>'
        f'<p>{_saved(book)}</p></div><span class="badge">View only</span></header>'
        '<div class="bar"><output class="place" aria-label="Cell">A1</output><span class="fx">fx</span>'
        '<output class="entered" aria-label="Content"></output></div>'
        f"<main>{sheets}</main>"
        f'<nav class="tabs" role="tablist"><span class="menu" aria-hidden="true">≡</span>{tabs}</nav>'
        '<ul class="offer" role="listbox" hidden></ul>'
        f'<div class="tip" role="tooltip" hidden></div><script>{_asset("page.js")}</script></body></html>'
    )


def _sheet(views: Views, sheet: Sheet) -> str:
    """A grid, or the chart that has the sheet for itself."""
    if sheet.is_grid:
        return Grid(views, views.of(sheet)).html()
    return "".join(chart_svg(views, chart["spec"], *CHART_SHEET) for chart in sheet.charts)


def start_page(books: Iterable[Book]) -> str:
    """The list of spreadsheets."""
    items = "".join(
        f'<li><a href="/spreadsheets/d/{html.escape(book.id)}/edit">{ICON}<strong>{html.escape(book.title)}</strong>'
        f"<span>{len(book.sheets)} tabs · {_saved(book)}</span></a></li>"
        for book in books
    )
    listed = f'<ul class="books">{items}</ul>' if items else "<p>No spreadsheet yet.</p>"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Spreadsheets</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{_asset("page.css")}</style></head>'
        f'<body class="start"><header>{ICON}<div class="names"><h1>Spreadsheets</h1><p>Google Sheets sandbox</p></div>'
        f"</header>{listed}</body></html>"
    )


def _saved(book: Book) -> str:
    moment = datetime.fromisoformat(book.modified_at)
    return f"Last edit {moment:%B} {moment.day}, {moment:%Y %H:%M} UTC"


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")
