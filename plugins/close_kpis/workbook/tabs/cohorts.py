"""The Cohorts tab: what is left of the customers, and of their MRR, of each month."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from math import isclose
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Area, Cell, Formula, Reference, Row, Scale, Tab
from close_kpis.workbook.tables import Record, Tables, records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.computed import over
from close_kpis.workbook.tabs.parts import (
    COMMENTS_WIDTH,
    HEAD_HEIGHTS,
    Context,
    comments_header,
    head,
    header,
    labels,
    month_cell,
)

if TYPE_CHECKING:
    from datetime import date

MOST_COHORTS = 36
"""Cohorts that are shown; the tab Data cohorts has them all."""

SHARES = (
    ("cohort_customers", "customers_kept", "customer_retention"),
    ("cohort_arr_cents", "arr_kept_cents", "net_revenue_retention"),
)
"""What the two halves of the tab show: how large a cohort was, what is left of it, and the share that this is."""

ALL = "All cohorts"
NONE_YET = "No cohort is a month old yet."


def cohorts_tab(tables: Tables, context: Context) -> Tab:
    """Return the Cohorts tab, the newest cohort first.

    Args:
        tables: the KPI tables.
        context: texts, stamp, currency.
    """
    legend = (
        f"Customers by the month they became customers, and the share kept 1 to 24 months later. MRR in "
        f"{context.currency}. Few customers make large steps."
    )
    rows = head("Cohorts", legend, context)
    found = records(tables.cohort_monthly)
    ages = sorted({record["age_months"] for record in found})
    rows.append(_heads(ages, context))
    top = len(rows)
    by_cohort = {month: list(group) for month, group in groupby(found, key=lambda record: record["cohort_month"])}
    rows += [_row(month, by_cohort[month], ages, context) for month in sorted(by_cohort, reverse=True)[:MOST_COHORTS]]
    bottom = len(rows)
    shown = [record for month in sorted(by_cohort)[-MOST_COHORTS:] for record in by_cohort[month]]
    rows.append(_all(shown, ages, (top, bottom), context) if found else (Cell(NONE_YET, styles.BODY),))
    halves = [Area(top, at + 1, bottom, at + 1 + len(ages)) for at in _halves(ages)]
    return Tab(
        key="cohorts",
        title="Cohorts",
        rows=tuple(rows),
        widths=(118, *(90, *(64 for _ in ages)) * 2, COMMENTS_WIDTH),
        heights=(*HEAD_HEIGHTS, 58),
        frozen_rows=top,
        frozen_columns=1,
        rules=tuple(Scale((area,), styles.SHADE_LOW, styles.SHADE_HIGH) for area in halves if found),
        color=styles.SERIES[2],
        header=top - 1,
        labels=(0,),
        comments=1 + 2 * (1 + len(ages)),
    )


def _halves(ages: list[int]) -> tuple[int, int]:
    """Return the columns of the two sizes; the shares stand right of each."""
    return 1, 2 + len(ages)


def _heads(ages: list[int], context: Context) -> Row:
    cells: list[Cell] = labels(("Customers since",))
    for size, _, share in SHARES:
        told = context.definitions.kpi("cohorts", share)
        whole = header(context.definitions.kpi("cohorts", size))
        is_money = size.endswith("_cents")
        cells.append(replace(whole, value="MRR of the cohort") if is_money else whole)
        what = "MRR after" if is_money else "after"
        cells += [Cell(f"{what} {age} month{'' if age == 1 else 's'}", styles.HEADER, note=told.note()) for age in ages]
    return (*cells, comments_header())


def _row(month: date, aged: list[Record], ages: list[int], context: Context) -> Row:
    by_age = {record["age_months"]: record for record in aged}
    cells = [month_cell(month, styles.BODY, is_running=False)]
    for size, _, share in SHARES:
        cells.append(_size(aged[0][size], size, context, bold=False))
        shares = [by_age.get(age, {}).get(share) for age in ages]
        cells += [Cell(value, styles.BODY.but(number=styles.SHARE, align="CENTER")) for value in shares]
    return tuple(cells)


def _size(value: float, column: str, context: Context, *, bold: bool) -> Cell:
    """Return how large a cohort was; its annual value as the MRR that the headings speak of."""
    is_money = column.endswith("_cents")
    number = styles.money(context.currency) if is_money else styles.WHOLE
    shown = styles.shown("mrr", value) if is_money else value
    return Cell(shown, (styles.TOTAL if bold else styles.BODY).but(number=number))


def _all(shown: list[Record], ages: list[int], span: tuple[int, int], context: Context) -> Row:
    """Return what is left of all cohorts that are old enough, as formulas over the rows above."""
    top, bottom = span
    cells = [Cell(ALL, styles.TOTAL, note="Of the cohorts above that are old enough, each by its size.")]
    for (size, kept, share_of), left in zip(SHARES, _halves(ages), strict=True):
        sizes = Reference(Area(top, left, bottom, left + 1), is_whole=True)
        total = sum(record[size] for record in {record["cohort_month"]: record for record in shown}.values())
        cells.append(_size(total, size, context, bold=True))
        for at, age in enumerate(ages, start=left + 1):
            old = [record for record in shown if record["age_months"] == age]
            share = over(sum(record[kept] for record in old), sum(record[size] for record in old))
            shares = Reference(Area(top, at, bottom, at + 1), is_whole=True)
            told = [record for record in old if record[share_of] is not None]
            given = over(sum(record[share_of] * record[size] for record in told), sum(record[size] for record in told))
            # A sum over one cohort is that cohort; of one that began with no MRR no share is shown.
            is_sum = bottom > top + 1 and None not in {share, given} and isclose(share or 0, given or 0)
            formula = Formula('SUMPRODUCT({0};{1})/SUMIF({1};">=0";{0})', (sizes, shares)) if is_sum else None
            cells.append(Cell(share, styles.TOTAL.but(number=styles.SHARE, align="CENTER"), formula=formula))
    return tuple(cells)
