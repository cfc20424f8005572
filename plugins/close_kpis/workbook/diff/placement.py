"""Which tab of a spreadsheet holds which tab of the workbook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from close_kpis.workbook.diff.ownership import Owned, metadata_id, protection_id, sheet_id

if TYPE_CHECKING:
    from close_kpis.workbook.diff.state import Sheet, Spreadsheet
    from close_kpis.workbook.spec import Tab, Workbook


@dataclass(frozen=True)
class Place:
    """Where a tab of the workbook goes.

    Attributes:
        tab: the tab of the workbook.
        sheet_id: id of the spreadsheet's tab.
        title: what it is or will be called.
        sheet: the tab as it is, None where it has to be made.
        is_adopted: whether it is a blank tab that becomes ours now.
    """

    tab: Tab
    sheet_id: int
    title: str
    sheet: Sheet | None
    is_adopted: bool = False


def place(state: Spreadsheet, workbook: Workbook) -> tuple[Place, ...]:
    """Find each tab's place.

    In this order: the tab that carries our metadata, whatever it is called now; the tab with the id that ours
    are created with; the tab of the right title with our warning over its block; a blank tab of the right title;
    the only, blank tab of a new spreadsheet for the first tab; else a new tab. A tab of that title with somebody's
    work in it is left alone, and ours gets another title. One that the settings leave out has a place where it is
    there already, or where formulas of others need it.

    Args:
        state: the spreadsheet as it is.
        workbook: what it should hold.
    """
    titles = {sheet.title.lower() for sheet in state.sheets}
    places = []
    taken: set[int] = set()
    there = {tab.key: found for tab in workbook.tabs if (found := _ours(state, tab))}
    needed = workbook.needed(there)
    for position, tab in enumerate(tab for tab in workbook.tabs if tab.key in needed):
        found = there.get(tab.key)
        adopted = None if found else _blank(state, tab, is_first=position == 0)
        if found:
            places.append(Place(tab, found.sheet_id, found.title, _remembering(found, tab)))
        elif adopted and adopted.sheet_id not in taken:
            places.append(Place(tab, adopted.sheet_id, tab.title, adopted, is_adopted=True))
            taken.add(adopted.sheet_id)
        else:
            title = _free_title(tab.title, titles)
            titles.add(title.lower())
            places.append(Place(tab, sheet_id(tab.key), title, None))
    return tuple(places)


def _ours(state: Spreadsheet, tab: Tab) -> Sheet | None:
    """Return the tab that is already ours.

    A copy that a reader makes of our tab, here or from another spreadsheet, may carry our metadata too, even under the
    same id, but it is not the tab that they name. Where none is named, as by earlier versions, or none can be read,
    the ids that are ours tell: the tab's own, or, where it was there before our first publish and its metadata are
    lost, as in a copied spreadsheet, that of the warning over its block, which no copy of a tab has.
    """
    ids = sheet_id(tab.key), metadata_id(tab.key)
    found: list[Sheet] = []
    guarded: Sheet | None = None
    for sheet in state.sheets:
        named = sheet.owned.sheet if sheet.owned else None
        if named is not None and sheet.owned and sheet.owned.tab == tab.key:
            if named == sheet.sheet_id:
                return sheet
        elif sheet.sheet_id == ids[0] or sheet.metadata_id == ids[1]:
            found.append(sheet)
        elif protection_id(tab.key) in sheet.protected and sheet.title.lower() == tab.title.lower():
            guarded = sheet
    return max(found, key=lambda sheet: (sheet.owned is not None, sheet.sheet_id == ids[0]), default=guarded)


def _remembering(sheet: Sheet, tab: Tab) -> Sheet:
    """Return a tab of ours as one that has been published to, also where its metadata are lost.

    A copied spreadsheet may lack them. Then our block is found by what the cells say, as in any tab of ours.
    """
    return sheet if sheet.owned or sheet.is_blank else replace(sheet, owned=Owned(tab.key, sheet.sheet_id))


def _blank(state: Spreadsheet, tab: Tab, *, is_first: bool) -> Sheet | None:
    """Return a blank tab that can become ours."""
    for sheet in state.sheets:
        right_title = sheet.title.lower() == tab.title.lower()
        only_one = is_first and len(state.sheets) == 1
        if (right_title or only_one) and sheet.owned is None and sheet.rows and sheet.is_blank:
            return sheet
    return None


def _free_title(title: str, taken: set[str]) -> str:
    """Return the title, or the first of "title (KPIs)", "title (KPIs 2)" ... that is free."""
    candidate, number = title, 1
    while candidate.lower() in taken:
        candidate = f"{title} (KPIs)" if number == 1 else f"{title} (KPIs {number})"
        number += 1
    return candidate
