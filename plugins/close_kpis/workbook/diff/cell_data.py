"""Cells to and from Google's CellData, leaf by leaf.

A cell is compared and written as three things: its value, its note, and the *leaves* of its format. A
leaf is one path below ``userEnteredFormat`` that this project manages (`LEAVES`); every other path
of a cell (font family, padding, ...) belongs to the spreadsheet's users and is never named in a mask.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from close_kpis.workbook.spec import Cell, Line

Leaf: TypeAlias = str | int | bool | tuple[str, str]
Leaves: TypeAlias = dict[str, Leaf]

LEAVES = (
    "numberFormat",
    "backgroundColorStyle",
    "borders.top",
    "borders.bottom",
    "horizontalAlignment",
    "verticalAlignment",
    "wrapStrategy",
    "textFormat.bold",
    "textFormat.italic",
    "textFormat.underline",
    "textFormat.fontSize",
    "textFormat.foregroundColorStyle",
    "textFormat.link",
)
"""The paths below ``userEnteredFormat`` that this project manages."""

LINK_LEAVES = ("textFormat.link", "textFormat.foregroundColorStyle", "textFormat.underline")
"""The paths that are set together: a link resets colour and underline that are not set in the same request.

Source: the discovery document, TextFormat.link
"""

READ_MASK = (
    "userEnteredValue,note,pivotTable(source,dataSourceId),userEnteredFormat(numberFormat,backgroundColorStyle,borders(top,bottom),"
    "horizontalAlignment,verticalAlignment,wrapStrategy,"
    "textFormat(bold,italic,underline,fontSize,foregroundColorStyle,link)),"
    "dataValidation(condition(type,values),strict,showCustomUi)"
)
"""What of a cell has to be read to compare it."""

_EPOCH = date(1899, 12, 30)


_ONE_CELL = re.compile(r"(?<![\w.:])([A-Z]{1,3}\d+):\1(?![\w.:])")
_LITERAL = re.compile(r"""("(?:[^"]|"")*")|('(?:[^']|'')*')|([^\W\d][\w.]*)(?=!)|([\s$]+)|(,)|([^"'\s$,]+?)""")


@dataclass(frozen=True, slots=True)
class FormulaText:
    """A formula as it stands in a cell, references in A1 notation."""

    text: str

    @property
    def comparable(self) -> str:
        """The formula without what Google may write otherwise than it was sent.

        That are separators, blanks, dollar signs, capitals, the quotes around a tab's title, and a range of one cell.
        """

        def one(found: re.Match[str]) -> str:
            text, title, name, _, comma, other = found.groups()
            return text or title or (f"'{name}'" if name else ";" if comma else (other or "").upper())

        return _ONE_CELL.sub(r"\1", _LITERAL.sub(one, self.text))


CellValue: TypeAlias = str | float | bool | FormulaText | None


def serial(day: date) -> int:
    """Return a date as spreadsheets count days.

    Source: https://developers.google.com/workspace/sheets/api/guides/formats (serial number)
    """
    return (day - _EPOCH).days


def wanted_value(cell: Cell) -> CellValue:
    """Return what the spreadsheet should hold: dates as serial numbers, every number as a double."""
    value = cell.value
    if isinstance(value, date):
        return float(serial(value))
    if isinstance(value, (str, bool)) or value is None:
        return value
    return float(value)


def value_from_json(data: Mapping[str, Any]) -> CellValue:
    """Return what a cell holds.

    Args:
        data: CellData as read.
    """
    value = data.get("userEnteredValue") or {}
    if "formulaValue" in value:
        return FormulaText(value["formulaValue"])
    if "numberValue" in value:
        return float(value["numberValue"])
    if "boolValue" in value:
        return bool(value["boolValue"])
    return value.get("stringValue") or None


def same_value(one: CellValue, other: CellValue) -> bool:
    """Whether two cell values are equal: numbers to the 15 digits that a spreadsheet keeps, formulas as read."""
    if isinstance(one, FormulaText) and isinstance(other, FormulaText):
        return one.comparable == other.comparable
    if isinstance(one, float) and isinstance(other, float):
        return one == other or f"{one:.15g}" == f"{other:.15g}"
    return type(one) is type(other) and one == other


def value_to_json(value: CellValue) -> dict[str, Any]:
    """Return the ExtendedValue of a cell value, typed: text is a string whatever it begins with."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, FormulaText):
        return {"formulaValue": value.text}
    return {"numberValue": int(value) if value.is_integer() and abs(value) < 2**53 else value}


def wanted_leaves(cell: Cell) -> Leaves:
    """Return the leaves that a cell's format and link set."""
    fmt = cell.format
    leaves: dict[str, Leaf | None] = {
        "numberFormat": (fmt.number.kind, fmt.number.pattern) if fmt.number else None,
        "backgroundColorStyle": fmt.fill,
        "borders.top": _line(fmt.top),
        "borders.bottom": _line(fmt.bottom),
        "horizontalAlignment": fmt.align,
        "verticalAlignment": fmt.valign,
        "wrapStrategy": fmt.wrap,
        "textFormat.bold": fmt.bold or None,
        "textFormat.italic": fmt.italic or None,
        "textFormat.underline": True if cell.link else None,
        "textFormat.fontSize": fmt.size,
        "textFormat.foregroundColorStyle": fmt.color,
        "textFormat.link": cell.link,
    }
    return {path: leaf for path, leaf in leaves.items() if leaf is not None}


def leaves_from_json(data: Mapping[str, Any]) -> Leaves:
    """Return the leaves that a cell has.

    Args:
        data: CellData as read.
    """
    fmt = data.get("userEnteredFormat") or {}
    text = fmt.get("textFormat") or {}
    borders = fmt.get("borders") or {}
    number = fmt.get("numberFormat")
    leaves: dict[str, Leaf | None] = {
        "numberFormat": (number.get("type", ""), number.get("pattern", "")) if number else None,
        "backgroundColorStyle": color_from_json(fmt.get("backgroundColorStyle")),
        "borders.top": _line_from_json(borders.get("top")),
        "borders.bottom": _line_from_json(borders.get("bottom")),
        "horizontalAlignment": fmt.get("horizontalAlignment"),
        "verticalAlignment": fmt.get("verticalAlignment"),
        "wrapStrategy": fmt.get("wrapStrategy"),
        "textFormat.bold": text.get("bold") or None,
        "textFormat.italic": text.get("italic") or None,
        "textFormat.underline": text.get("underline") or None,
        "textFormat.fontSize": text.get("fontSize"),
        "textFormat.foregroundColorStyle": color_from_json(text.get("foregroundColorStyle")),
        "textFormat.link": (text.get("link") or {}).get("uri"),
    }
    return {path: leaf for path, leaf in leaves.items() if leaf is not None}


def leaves_to_json(leaves: Mapping[str, Leaf]) -> dict[str, Any]:
    """Return the CellFormat that sets these leaves and nothing else."""
    fmt: dict[str, Any] = {}
    for path, leaf in leaves.items():
        *parents, name = path.split(".")
        target = fmt
        for parent in parents:
            target = target.setdefault(parent, {})
        target[name] = _leaf_to_json(path, leaf)
    return fmt


def _leaf_to_json(path: str, leaf: Leaf) -> Any:
    if path == "numberFormat" and isinstance(leaf, tuple):
        return {"type": leaf[0], "pattern": leaf[1]}
    if path.startswith("borders.") and isinstance(leaf, tuple):
        return {"style": leaf[0], "colorStyle": color_to_json(leaf[1])}
    if path.endswith("ColorStyle"):
        return color_to_json(str(leaf))
    if path == "textFormat.link":
        return {"uri": leaf}
    return leaf


def color_to_json(color: str) -> dict[str, Any]:
    """Return the ColorStyle of ``#RRGGBB``; channels of 0 are left out, as Google does.

    Five digits tell a byte from the next one, and a workbook has many colours. Google rounds a channel down to a byte.
    """
    channels = zip(("red", "green", "blue"), bytes.fromhex(color[1:]), strict=True)
    return {"rgbColor": {name: math.ceil(byte / 255 * 1e5) / 1e5 for name, byte in channels if byte}}


def color_from_json(style: Mapping[str, Any] | None) -> str | None:
    """Return ``#RRGGBB`` of a ColorStyle, or the name of a theme colour.

    Google keeps channels as 32-bit floats (0.25882354 for 0x42): they are compared as the bytes they stand for.
    """
    if not style:
        return None
    if "themeColor" in style:
        return f"theme:{style['themeColor']}"
    rgb = style.get("rgbColor") or {}
    return "#" + "".join(f"{round(float(rgb.get(name, 0)) * 255):02X}" for name in ("red", "green", "blue"))


def _line(line: Line | None) -> tuple[str, str] | None:
    return (line.style, line.color) if line else None


def _line_from_json(border: Mapping[str, Any] | None) -> tuple[str, str] | None:
    if not border or border.get("style", "NONE") == "NONE":
        return None
    return border["style"], color_from_json(border.get("colorStyle")) or "#000000"


def is_blank(data: Mapping[str, Any]) -> bool:
    """Whether nobody has put anything into a cell: no value, no note, no format, no pivot table."""
    is_used = any(data.get(name) for name in ("userEnteredValue", "note", "userEnteredFormat"))
    return not is_used and "pivotTable" not in data
