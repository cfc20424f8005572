"""Columns that objects name by a number: of the sheet (filters), or counted from the first one of their range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Item = dict[str, Any]


def follow_columns(item: Item, sheet_id: int, place: Callable[[int], int | None]) -> None:
    """Lets an object name the same columns of its sheet once these are elsewhere; those that are gone, no longer.

    To be called before its range is moved.

    Args:
        item: a basic filter, filter view, slicer, table, pivot table or anything else.
        sheet_id: the sheet whose columns change.
        place: where a column is then; None: it is gone.
    """
    is_filter = "range" in item and any(name in item for name in ("filterSpecs", "criteria", "sortSpecs"))
    if is_filter and item["range"].get("sheetId", 0) == sheet_id:
        _follow_filter(item, place)
    for span, owner, name, key in _counted(item):
        if span.get("sheetId", 0) == sheet_id:
            _follow_counted(span, owner, name, key, place)


def _follow_filter(item: Item, place: Callable[[int], int | None]) -> None:
    if "criteria" in item:
        placed = [(place(int(column)), rule) for column, rule in item["criteria"].items()]
        item["criteria"] = {str(column): rule for column, rule in placed if column is not None}
    for name, key in (("filterSpecs", "columnIndex"), ("sortSpecs", "dimensionIndex")):
        if name in item:
            item[name] = [new for spec in item[name] if (new := _placed(spec, key, place(spec.get(key, 0))))]
    for name in ("criteria", "filterSpecs", "sortSpecs"):
        if not item.get(name, True):
            del item[name]


def _counted(item: Item) -> Iterator[tuple[Item, Item, str, str]]:
    """The lists whose elements count columns from the start of a range: range, owner, its list, the counting field."""
    if "columnProperties" in item:
        yield item["range"], item, "columnProperties", "columnIndex"
    if "dataRange" in item.get("spec", {}):
        yield item["spec"]["dataRange"], item, "spec", "columnIndex"
    if "source" in item and "range" not in item:
        for name in ("rows", "columns", "values"):
            if name in item:
                yield item["source"], item, name, "sourceColumnOffset"


def _follow_counted(span: Item, owner: Item, name: str, key: str, place: Callable[[int], int | None]) -> None:
    start = span.get("startColumnIndex", 0)
    left = [to for column in range(start, span.get("endColumnIndex", start + 1)) if (to := place(column)) is not None]
    if not left:
        return

    def placed(element: Item) -> Item | None:
        to = place(start + element.get(key, 0))
        return _placed(element, key, None if to is None else to - min(left))

    if isinstance(owner[name], list):
        owner[name] = [new for element in owner[name] if (new := placed(element))]
    else:
        owner[name] = placed(owner[name]) or owner[name]


def _placed(element: Item, key: str, index: int | None) -> Item | None:
    """The element with another number, which is left out where it is 0."""
    if index is None:
        return None
    rest = {name: value for name, value in element.items() if name != key}
    return {key: index, **rest} if index else rest
