"""A canvas that collects SVG elements, and what all charts have: background, title, legend."""

from __future__ import annotations

import html
from typing import Any

from sandbox.sheets_api.colours import WHITE, hex_colour

FONT = "Roboto, Arial, sans-serif"
TITLE_COLOUR, LABEL_COLOUR, GRID_COLOUR, AXIS_COLOUR = "#3c4043", "#5f6368", "#e4e6ea", "#9aa0a6"
TITLE_SIZE, SUBTITLE_SIZE, LABEL_SIZE = 16, 12, 11
MARGIN = 14


def text_width(text: str, size: float) -> float:
    """About how many pixels a text takes."""
    return len(text) * size * 0.55


def shortened(text: str, size: float, room: float) -> str:
    """A text that fits into some pixels, with an ellipsis where it was cut."""
    fits = max(int(room / (size * 0.55)), 2)
    return text if len(text) <= fits else text[: fits - 1] + "…"


class Canvas:
    """One chart being drawn.

    Attributes:
        left: the free area's left edge; titles and legends take their part off it, as off the other three.
    """

    def __init__(self, spec: dict[str, Any], width: int, height: int) -> None:
        self.spec, self.width, self.height = spec, width, height
        self.left, self.top = float(MARGIN), float(MARGIN)
        self.right, self.bottom = float(width - MARGIN), float(height - MARGIN)
        self._parts: list[str] = []

    def add(self, element: str) -> None:
        """Appends an element."""
        self._parts.append(element)

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> None:
        """A straight line."""
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.add(f'<line {ends} stroke="{colour}" stroke-width="{width:g}"/>')

    def rect(self, x: float, y: float, width: float, height: float, colour: str, tip: str = "") -> None:
        """A filled rectangle with a tooltip."""
        title = f"<title>{html.escape(tip)}</title>" if tip else ""
        self.add(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
            f'fill="{colour}">{title}</rect>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = LABEL_SIZE,
        colour: str = LABEL_COLOUR,
        anchor: str = "start",
        weight: int = 400,
        turn: float = 0,
        italic: bool = False,
    ) -> None:
        """A line of text; `turn` in degrees around its place."""
        transform = f' transform="rotate({turn:g} {x:.1f} {y:.1f})"' if turn else ""
        bold = f' font-weight="{weight}"' if weight != 400 else ""
        slant = ' font-style="italic"' if italic else ""
        self.add(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"'
            f"{bold}{slant}{transform}>{html.escape(text)}</text>"
        )

    def heading(self) -> None:
        """Title and subtitle at the top."""
        self._heading("title", TITLE_SIZE, TITLE_COLOUR, 500)
        self._heading("subtitle", SUBTITLE_SIZE, LABEL_COLOUR, 400)
        if self.spec.get("title") or self.spec.get("subtitle"):
            self.top += 6

    def _heading(self, name: str, size: float, colour: str, weight: int) -> None:
        text = self.spec.get(name)
        if not text:
            return
        style = self.spec.get(f"{name}TextFormat", {})
        size = style.get("fontSize", size * 0.75) / 0.75
        if "foregroundColor" in style:
            colour = hex_colour(style["foregroundColor"])
        weight = 700 if style.get("bold") else weight
        align = self.spec.get(f"{name}TextPosition", {}).get("horizontalAlignment", "LEFT")
        x, anchor = {
            "CENTER": (self.width / 2, "middle"),
            "RIGHT": (self.right, "end"),
        }.get(align, (self.left, "start"))
        self.top += size
        shown = shortened(text, size, self.right - self.left)
        self.text(
            x,
            self.top - 2,
            shown,
            size=size,
            colour=colour,
            anchor=anchor,
            weight=weight,
            italic=bool(style.get("italic")),
        )
        self.top += 5

    def legend(self, entries: list[tuple[str, str, str]], position: str) -> None:
        """The names of the series.

        Args:
            entries: name, colour and mark ("box", "line" or "dot") of each.
            position: BasicChartLegendPosition.
        """
        if not entries or position == "NO_LEGEND":
            return
        if position in {"LEFT_LEGEND", "RIGHT_LEGEND"}:
            self._legend_aside(entries, left=position == "LEFT_LEGEND")
            return
        rows: list[list[tuple[float, tuple[str, str, str]]]] = [[]]
        x = self.left
        for entry in entries:
            wide = 22 + text_width(entry[0], LABEL_SIZE) + 16
            if x + wide > self.right + 16 and rows[-1]:
                rows.append([])
                x = self.left
            rows[-1].append((x, entry))
            x += wide
        rows = rows[:3]
        if position == "TOP_LEGEND":
            y = self.top + 8
            self.top += 18 * len(rows) + 4
        else:
            self.bottom -= 18 * len(rows)
            y = self.bottom + 14
        for at, row in enumerate(rows):
            for left, entry in row:
                self._entry(left, y + 18 * at, entry, self.right - left)

    def _legend_aside(self, entries: list[tuple[str, str, str]], *, left: bool) -> None:
        wide = min(max(text_width(name, LABEL_SIZE) for name, _, _ in entries) + 30, self.width * 0.3)
        x = self.left if left else self.right - wide + 8
        for at, entry in enumerate(entries):
            self._entry(x, self.top + 12 + 18 * at, entry, wide)
        if left:
            self.left += wide
        else:
            self.right -= wide

    def _entry(self, x: float, y: float, entry: tuple[str, str, str], room: float) -> None:
        name, colour, mark = entry
        if mark == "line":
            self.line(x, y - 4, x + 15, y - 4, colour, 3)
        elif mark == "dot":
            self.add(f'<circle cx="{x + 8:.1f}" cy="{y - 4:.1f}" r="4" fill="{colour}"/>')
        else:
            self.rect(x + 2, y - 9, 10, 10, colour)
        self.text(x + 20, y, shortened(name, LABEL_SIZE, room - 22))

    def svg(self) -> str:
        """The finished element."""
        label = self.spec.get("altText") or self.spec.get("title") or "Chart"
        background = hex_colour(self.spec["backgroundColor"]) if "backgroundColor" in self.spec else WHITE
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}" role="img" '
            f'aria-label="{html.escape(label)}" font-family="{FONT}">'
            f'<rect width="100%" height="100%" fill="{background}"/>{"".join(self._parts)}</svg>'
        )
