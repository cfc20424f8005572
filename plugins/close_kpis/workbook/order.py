"""Which reports the workbook has, in the order of their readers, and what becomes of those that are left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from close_kpis.workbook.spec import Workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

REPORTS = (
    "Summary",
    "Growth",
    "MRR",
    "Reps",
    "One rep",
    "Sources",
    "Pipeline",
    "Cohorts",
    "Behind the numbers",
    "Targets",
    "Spend",
    "Changes",
    "Data quality",
    "Definitions",
)
"""Titles of the tabs that can be left out or put in another order; the data tabs always follow them."""


def arranged(workbook: Workbook, titles: Sequence[str]) -> Workbook:
    """Return the workbook with the reports of some titles in that order, and the others left out.

    Args:
        workbook: with all tabs.
        titles: of `REPORTS`, which come first; none for all of them in their usual order.
    """
    if not titles:
        return workbook
    by_title = {tab.title: tab for tab in workbook.tabs}
    shown = [by_title[title] for title in titles if title in by_title]
    out = [
        replace(tab, is_left_out=True, is_hidden=True)
        for tab in workbook.tabs
        if tab.title in REPORTS and tab not in shown
    ]
    data = [tab for tab in workbook.tabs if tab.title not in REPORTS]
    return Workbook((*shown, *out, *data), order=tuple(tab.key for tab in shown))
