"""Looks of cells as Excel's."""

from __future__ import annotations

import json
from typing import Any

from sandbox.sheets_api.colours import WHITE, hex_colour
from sandbox.sheets_api.numberformat import DEFAULT_PATTERNS

BORDERS = {"DOTTED": 4, "DASHED": 3, "SOLID": 1, "SOLID_MEDIUM": 2, "SOLID_THICK": 5, "DOUBLE": 6}
VERTICAL = {"TOP": "top", "MIDDLE": "vcenter", "BOTTOM": "bottom"}
BLACK = "#000000"


class Formats:
    """The formats of a workbook; the same look is one format.

    Args:
        workbook: where they are added.
    """

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._known: dict[str, Any] = {}

    def of(self, cell_format: dict[str, Any]) -> Any:
        """The format of a CellFormat; None for a plain one."""
        said = said_format(cell_format)
        key = json.dumps(said, sort_keys=True)
        if key not in self._known:
            self._known[key] = self._workbook.add_format(said) if said else None
        return self._known[key]


def said_format(cell_format: dict[str, Any]) -> dict[str, Any]:
    """A CellFormat as properties of XlsxWriter's formats, without those that are Excel's own defaults."""
    text = cell_format.get("textFormat", {})
    said: dict[str, Any] = {
        "font_name": text.get("fontFamily", "Arial").partition(",")[0].strip().title(),
        "font_size": text.get("fontSize", 10),
    }
    said |= {
        name: True
        for name, key in {"bold": "bold", "italic": "italic", "font_strikeout": "strikethrough"}.items()
        if text.get(key)
    }
    if text.get("underline"):
        said["underline"] = 1
    colour = hex_colour(text.get("foregroundColor", {}))
    if colour != BLACK:
        said["font_color"] = colour
    fill = hex_colour(cell_format["backgroundColor"]) if "backgroundColor" in cell_format else WHITE
    if fill != WHITE:
        said["bg_color"] = fill
    if "horizontalAlignment" in cell_format:
        said["align"] = cell_format["horizontalAlignment"].lower()
    said["valign"] = VERTICAL.get(cell_format.get("verticalAlignment", ""), "bottom")
    if cell_format.get("wrapStrategy") == "WRAP":
        said["text_wrap"] = True
    number = cell_format.get("numberFormat")
    if number is not None:
        said["num_format"] = number.get("pattern") or DEFAULT_PATTERNS.get(number.get("type", ""), "General")
    for side, border in cell_format.get("borders", {}).items():
        if border.get("style") in BORDERS:
            said[side] = BORDERS[border["style"]]
            said[f"{side}_color"] = hex_colour(border.get("color", {}))
    return said
