"""Cell formats as CSS."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sheets_api.colours import WHITE, hex_colour

BORDER_CSS = {
    "DOTTED": "1px dotted",
    "DASHED": "1px dashed",
    "SOLID": "1px solid",
    "SOLID_MEDIUM": "2px solid",
    "SOLID_THICK": "3px solid",
    "DOUBLE": "3px double",
}
VERTICAL = {"TOP": "top", "MIDDLE": "middle", "BOTTOM": "bottom"}
GENERIC_FONTS = {"serif", "sans-serif", "monospace"}


def font_family(name: str) -> str:
    """A font name as a safe CSS value with a fallback."""
    families = [re.sub(r"[^A-Za-z0-9 _-]", "", part).strip() for part in name.split(",")]
    quoted = [part if part in GENERIC_FONTS else f"'{part}'" for part in families if part and part != "sans"]
    return ",".join(quoted if quoted and quoted[-1] in GENERIC_FONTS else [*quoted, "sans-serif"])


def text_css(text_format: dict[str, Any]) -> str:
    """A TextFormat as CSS declarations."""
    parts = []
    if "foregroundColor" in text_format:
        parts.append(f"color:{hex_colour(text_format['foregroundColor'])}")
    if text_format.get("fontFamily"):
        parts.append(f"font-family:{font_family(text_format['fontFamily'])}")
    if text_format.get("fontSize"):
        parts.append(f"font-size:{text_format['fontSize']}pt")
    if text_format.get("bold"):
        parts.append("font-weight:700")
    if text_format.get("italic"):
        parts.append("font-style:italic")
    lines = [
        css for name, css in (("underline", "underline"), ("strikethrough", "line-through")) if text_format.get(name)
    ]
    if lines:
        parts.append(f"text-decoration:{' '.join(lines)}")
    return ";".join(parts)


def cell_css(cell_format: dict[str, Any]) -> str:
    """An effective CellFormat as the CSS of its table cell, without borders and alignment."""
    padding = cell_format.get("padding", {})
    sides = " ".join(f"{padding.get(side, 0)}px" for side in ("top", "right", "bottom", "left"))
    parts = [
        text_css(cell_format.get("textFormat", {})),
        f"padding:{sides}",
        f"vertical-align:{VERTICAL.get(cell_format.get('verticalAlignment', 'BOTTOM'), 'bottom')}",
    ]
    background = hex_colour(cell_format.get("backgroundColor"))
    if background != WHITE:
        # The fill covers the grid lines, as it does in Sheets.
        parts += [f"background:{background}", f"border-color:{background}"]
    return ";".join(part for part in parts if part)


def border_css(border: dict[str, Any] | None) -> str:
    """A Border as a CSS value; empty for none."""
    if not border or border.get("style", "NONE") not in BORDER_CSS:
        return ""
    return f"{BORDER_CSS[border['style']]} {hex_colour(border.get('color'))}"


class StyleSheet:
    """Gives equal declarations one class.

    Args:
        prefix: starts every class name.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._classes: dict[str, str] = {}

    def name(self, css: str) -> str:
        """The class of some declarations; empty for none."""
        if not css:
            return ""
        return self._classes.setdefault(css, f"{self._prefix}{len(self._classes)}")

    def rules(self) -> str:
        """The style sheet."""
        return "\n".join(f"td.{name}{{{css}}}" for css, name in self._classes.items())
