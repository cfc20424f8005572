"""Colours of the API as #rrggbb."""

from __future__ import annotations

from typing import Any

WHITE = "#ffffff"
LINK_COLOUR = {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}
# The order in which a chart without colours takes them: the accents of the default theme, then lighter ones.
SERIES = (
    "#4285f4",
    "#ea4335",
    "#fbbc04",
    "#34a853",
    "#ff6d01",
    "#46bdc6",
    "#7baaf7",
    "#f07b72",
    "#fcd04f",
    "#71c287",
    "#ff994d",
    "#7ed1d7",
)


def hex_colour(colour: dict[str, Any] | None) -> str:
    """A Color message as #rrggbb; no message is black, as an empty one."""
    channels = (round((colour or {}).get(name, 0) * 255) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{min(max(channel, 0), 255):02x}" for channel in channels)


def is_dark(colour: str) -> bool:
    """Whether white text reads better than black on #rrggbb."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red * 0.299 + green * 0.587 + blue * 0.114 < 140
