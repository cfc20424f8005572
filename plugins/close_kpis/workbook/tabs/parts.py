"""Parts that several tabs are made of: the head of a tab, headers with notes, KPI cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.workbook.spec import EMPTY, Area, Cell, Format, Row, Sign
from close_kpis.workbook.tabs import styles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Any

    from close_kpis.kpis.registry import Definitions, Kpi
    from close_kpis.workbook.tables import Stamp

HEAD_HEIGHTS = (36, 20, 20)
"""Pixel heights of the title, the stamp and the legend."""

COMMENTS, COMMENTS_WIDTH = "Comments", 180
NO_SOURCE = "(none)"
"""The source of a lead that has none."""

HEADER_ROW = 5
"""Row of the headings of a tab that is a list: below the head, an empty row and a section's title."""


@dataclass(frozen=True)
class Context:
    """What every tab needs besides its tables.

    Attributes:
        definitions: the texts, as they read under the choices in force.
        stamp: how fresh the workbook is.
        timezone: IANA name of the reporting time zone.
        currency: ISO 4217 code.
        title: of the workbook.
    """

    definitions: Definitions
    stamp: Stamp
    timezone: str
    currency: str
    title: str


def head(title: str, legend: str, context: Context, link: str = "") -> list[Row]:
    """Return the first three rows of a tab: title, stamp, legend.

    Args:
        title: of the tab.
        legend: what a reader should know.
        context: for the stamp.
        link: where the stamp leads; empty for nowhere.
    """
    return [
        (Cell(f"{title} – {context.title}", styles.TITLE),),
        (Cell(stamp_text(context.stamp, context.timezone), styles.STAMP, link=link or None),),
        (Cell(legend, styles.STAMP),),
    ]


def stamp_text(stamp: Stamp, timezone: str) -> str:
    """Return the stamp in words.

    Args:
        stamp: how fresh the workbook is.
        timezone: the zone in which both are told.
    """
    through, refreshed = (at.astimezone(ZoneInfo(timezone)) for at in (stamp.as_of, stamp.refreshed))
    place = timezone.rpartition("/")[2].replace("_", " ")
    day = "" if refreshed.date() == through.date() else f"{refreshed.day} {refreshed:%b}, "
    return f"Data through {through.day} {through:%b %Y, %H:%M} {place} – refreshed {day}{refreshed:%H:%M}"


def header(kpi: Kpi, look: Format = styles.HEADER) -> Cell:
    """Return a KPI's header cell, with its definition as a note."""
    return Cell(kpi.label, look, note=kpi.note())


def column_header(kpi: Kpi, context: Context) -> Cell:
    """Return the header cell of a block that is repeated down a tab.

    It has its column's number format, which text does not show: so one format runs down the whole column.
    """
    return header(kpi, styles.SUBHEADER.but(number=styles.number(kpi.unit, context.currency)))


def labels(texts: Iterable[str], look: Format = styles.HEADER_LEFT) -> list[Cell]:
    """Return header cells without notes."""
    return [Cell(text, look) for text in texts]


def kpi_cells(record: Mapping[str, Any], kpis: Sequence[tuple[str, Kpi]], look: Format, context: Context) -> list[Cell]:
    """Return the KPI cells of one row.

    Args:
        record: the table's row.
        kpis: (column, KPI), in the order of the tab.
        look: how the row looks.
        context: for the currency.
    """
    return [
        Cell(
            styles.shown(kpi.unit, record.get(column)),
            look.but(number=styles.number(kpi.unit, context.currency)),
        )
        for column, kpi in kpis
    ]


def month_cell(month: date, look: Format, *, is_running: bool) -> Cell:
    """Return a month as a date; the running one says so."""
    pattern = styles.MONTH_RUNNING if is_running else styles.MONTH
    return Cell(month, look.but(number=pattern, align="LEFT"))


def sign_rules(higher: tuple[Area, ...], lower: tuple[Area, ...]) -> tuple[Sign, ...]:
    """Return the colours of changes: good news and bad news.

    Args:
        higher: cells of KPIs whose rise is good news.
        lower: cells of those whose fall is.
    """
    rules = [(higher, True, styles.GOOD), (higher, False, styles.BAD)]
    rules += [(lower, True, styles.BAD), (lower, False, styles.GOOD)]
    return tuple(Sign(where, above, color) for where, above, color in rules if where)


def comments_header(look: Format = styles.HEADER_LEFT) -> Cell:
    """Return the heading of the column in which readers write beside a row what stays with it."""
    return Cell(COMMENTS, look, note="Yours: what you write here stays, and moves with its row.")


def blank_rows(count: int) -> list[Row]:
    """Return empty rows."""
    return [(EMPTY,)] * count
