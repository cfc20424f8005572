"""The brackets and +/- buttons of row and column groups."""

from __future__ import annotations

from typing import Any

from sandbox.sheets_api.model import COLUMNS, ROWS
from sandbox.sheets_api.page.layout import GUTTER, Line, SheetLayout


def row_bracket(layout: SheetLayout, line: Line, top: str) -> str:
    """The gutter cell left of a row number."""
    marks = "".join(_mark(layout, group, line.index, ROWS) for group in layout.sheet.row_groups)
    frozen = " fr" if top else ""
    return f'<th class="gut{frozen}" style="{top.lstrip(";")}">{marks}</th>'


def column_brackets(layout: SheetLayout, lead: str) -> str:
    """The gutter row above the column letters."""
    cells = []
    for line in layout.columns:
        marks = "".join(_mark(layout, group, line.index, COLUMNS) for group in layout.sheet.column_groups)
        frozen = line.index < layout.frozen_columns
        style = f' style="left:var(--l{line.index})"' if frozen else ""
        hidden = " hidden" if line.hidden else ""
        cells.append(f'<th class="cgut c{line.index}{" fz" if frozen else ""}"{style}{hidden}>{marks}</th>')
    height = GUTTER * layout.depth(COLUMNS)
    return f'<tr class="cgroups" style="height:{height}px">{lead}<th class="corner rc"></th>{"".join(cells)}</tr>'


def _mark(layout: SheetLayout, group: dict[str, Any], index: int, dimension: str) -> str:
    """A piece of a group's bracket, or its button, at one row or column."""
    start, end = group["range"].get("startIndex", 0), group["range"]["endIndex"]
    place = (group["depth"] - 1) * GUTTER
    style = f"left:{place}px" if dimension == ROWS else f"top:{place}px"
    name = "row" if dimension == ROWS else "column"
    if start <= index < end:
        return f'<i class="{name}-line" style="{style}"></i>'
    after = layout.sheet.properties["gridProperties"].get(f"{name}GroupControlAfter")
    if index != (end if after else start - 1):
        return ""
    collapsed = bool(group.get("collapsed"))
    return (
        f'<button class="toggle {name}-toggle" style="{style}" data-dimension="{dimension}" data-start="{start}" '
        f'data-end="{end}" aria-expanded="{str(not collapsed).lower()}" '
        f'title="{"Expand" if collapsed else "Collapse"} group">{"+" if collapsed else "−"}</button>'
    )
