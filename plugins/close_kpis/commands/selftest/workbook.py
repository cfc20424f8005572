"""The small workbook that the self-test publishes: everything that the real one is made of, in two tabs."""

from __future__ import annotations

from datetime import date

from close_kpis.workbook.spec import (
    EMPTY,
    Area,
    Cell,
    Chart,
    Format,
    Formula,
    Line,
    NumberFormat,
    Reference,
    Row,
    Scale,
    Series,
    Sign,
    Source,
    Tab,
    Workbook,
)

REPORT, DATA = "Close KPIs self-test", "Close KPIs self-test data"
"""Titles of the two tabs."""

CUSTOMERS = (40, 43, 47, 52, 58)
_HEAD = Format(bold=True, fill="#E8EEF5", bottom=Line("SOLID", "#CBD5E1"), align="CENTER", wrap="WRAP")
_MONTH = Format(number=NumberFormat("DATE", "mmm yyyy"), align="LEFT")
_WHOLE = Format(number=NumberFormat("NUMBER", "#,##0"))
_MONEY = Format(number=NumberFormat("CURRENCY", '"$"#,##0.00'))
_SHARE = Format(number=NumberFormat("PERCENT", "0.0%"), italic=True)


def _most_customers(data: str, months: int) -> Cell:
    """Return a cell that is computed from another tab."""
    column = Reference(Area(1, 1, months + 1, 2), data)
    return Cell(max(CUSTOMERS[:months]), _WHOLE, formula=Formula("MAX({0})", (column,)))


def selftest_workbook(run: str, months: int) -> Workbook:
    """Return the workbook of a company in its first months.

    Args:
        run: makes the keys of the tabs, from which their ids follow, those of this run alone.
        months: how many months it has, from two on.
    """
    data_key, report_key = f"selftest-data-{run}", f"selftest-{run}"
    rows: list[Row] = [(Cell("month", _HEAD), Cell("customers", _HEAD), Cell("mrr", _HEAD), Cell("growth", _HEAD))]
    for at in range(months):
        this, before = (Reference(Area(row, 1, row + 1, 2)) for row in (at + 1, at))
        growth = Cell(CUSTOMERS[at] / CUSTOMERS[at - 1] - 1, _SHARE, formula=Formula("{0}/{1}-1", (this, before)))
        rows.append((
            Cell(date(2026, at + 1, 1), _MONTH),
            Cell(CUSTOMERS[at], _WHOLE),
            Cell(CUSTOMERS[at] * 99.5, _MONEY),
            growth if at else Cell(None, _SHARE),
        ))
    end = months + 1
    names = ((f"selftest_customers_{run}", Area(1, 1, end, 2)),)
    data = Tab(
        data_key, DATA, tuple(rows), (90, 90, 90), frozen_rows=1, gridlines=True, header=0, labels=(0,), names=names
    )
    report: list[Row] = [
        (Cell(REPORT, Format(bold=True, size=18)), EMPTY, _most_customers(data_key, months)),
        (Cell("month", _HEAD, note="First day of the month."), Cell("lead", _HEAD), Cell("customers", _HEAD)),
    ]
    for at in range(months):
        link = Cell(f"Lead {at} =1+1", Format(color="#1155CC"), link=f"https://app.close.com/lead/lead_{at}/")
        report.append((Cell(date(2026, at + 1, 1), _MONTH), link, Cell(CUSTOMERS[at], _WHOLE)))
    report.append((EMPTY,))
    column = Area(2, 2, 2 + months, 3)
    chart = Chart(
        key=f"selftest-{run}",
        title="Customers",
        kind="COMBO",
        domain=Source(data_key, Area(0, 0, end, 1)),
        series=(
            Series(Source(data_key, Area(0, 1, end, 2)), "#1E3A5F", "COLUMN", "LEFT"),
            Series(Source(data_key, Area(0, 2, end, 3)), "#B45309", "LINE", "RIGHT"),
        ),
        row=1,
        column=5,
        width=420,
        height=260,
        left_title="Customers",
        right_title="MRR",
        description="Customers and MRR of each month.",
    )
    tab = Tab(
        report_key,
        REPORT,
        tuple(report),
        (120, 160, 90),
        heights=(36,),
        frozen_rows=2,
        rules=(Sign((column,), above=True, color="#17734A"), Scale((column,), "#FFFFFF", "#A7D8B9")),
        charts=(chart,),
        groups=((2, 2 + months),),
        color="#1E3A5F",
        header=1,
        labels=(0,),
    )
    return Workbook((tab, data))
