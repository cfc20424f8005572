"""SPARKLINE formulas as inline SVG.

Source: https://support.google.com/docs/answer/3093289
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, PAD = 100.0, 20.0, 2.0
NAMED = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+")


def svg(values: Sequence[float | None], options: dict[str, str]) -> str:
    """A small picture of some values.

    Args:
        values: in order; None leaves a gap.
        options: of the formula, keys in lower case (charttype, color, linewidth, ymin, ymax, lastcolor ...).
    """
    numbers = [value for value in values if value is not None]
    if not numbers:
        return ""
    kind = options.get("charttype", "line").lower()
    draw = {"column": _columns, "bar": _bar, "winloss": _win_loss}.get(kind, _line)
    label = f"Sparkline of {len(numbers)} values, last {numbers[-1]:,.10g}"
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" preserveAspectRatio="none" role="img" '
        f'aria-label="{html.escape(label)}">{draw(values, numbers, options)}</svg>'
    )


def _line(values: Sequence[float | None], numbers: list[float], options: dict[str, str]) -> str:
    low, high = _bounds(numbers, options)
    step = (WIDTH - 2 * PAD) / max(len(values) - 1, 1)
    points = [
        (PAD + at * step, HEIGHT - PAD - (value - low) / (high - low) * (HEIGHT - 2 * PAD))
        for at, value in enumerate(values)
        if value is not None
    ]
    path = " ".join(f"{'L' if at else 'M'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(points))
    colour = _colour(options, "color", "#1a73e8")
    width = _number(options.get("linewidth"), 1.5)
    x, y = points[-1]
    # A point is a line without length, so that stretching the picture leaves it round.
    last = _colour(options, "lastcolor", colour)
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round" '
        f'vector-effect="non-scaling-stroke"/><path d="M{x:.1f} {y:.1f}h0" stroke="{last}" stroke-width="4.5" '
        'stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
    )


def _columns(values: Sequence[float | None], numbers: list[float], options: dict[str, str]) -> str:
    low, high = _bounds([*numbers, 0.0], options)
    slot = WIDTH / len(values)
    zero = HEIGHT - (max(low, 0.0) - low) / (high - low) * HEIGHT
    bars = []
    for at, value in enumerate(values):
        if value is None:
            continue
        y = HEIGHT - (value - low) / (high - low) * HEIGHT
        colour = _colour(options, "color", "#1a73e8")
        if value < 0:
            colour = _colour(options, "negcolor", "#d93025")
        elif value == max(numbers):
            colour = _colour(options, "highcolor", colour)
        if at == len(values) - 1:
            colour = _colour(options, "lastcolor", colour)
        top, height = min(y, zero), max(abs(zero - y), 0.5)
        bars.append(
            f'<rect x="{at * slot + slot * 0.12:.2f}" y="{top:.2f}" width="{slot * 0.76:.2f}" '
            f'height="{height:.2f}" fill="{colour}"/>'
        )
    return "".join(bars)


def _win_loss(values: Sequence[float | None], numbers: list[float], options: dict[str, str]) -> str:
    signs = [None if value is None else float((value > 0) - (value < 0)) for value in values]
    return _columns(signs, [sign for sign in signs if sign is not None], options)


def _bar(values: Sequence[float | None], numbers: list[float], options: dict[str, str]) -> str:
    total = _number(options.get("max"), sum(abs(value) for value in numbers)) or 1.0
    x, parts = 0.0, []
    for at, value in enumerate(numbers):
        width = min(abs(value) / total * WIDTH, WIDTH - x)
        colour = _colour(options, f"color{at % 2 + 1}", ("#1a73e8", "#a8c7fa")[at % 2])
        parts.append(f'<rect x="{x:.2f}" y="3" width="{width:.2f}" height="{HEIGHT - 6:g}" fill="{colour}"/>')
        x += width
    return "".join(parts)


def _bounds(numbers: list[float], options: dict[str, str]) -> tuple[float, float]:
    low = _number(options.get("ymin"), min(numbers))
    high = _number(options.get("ymax"), max(numbers))
    return (low, high) if high > low else (low - 1, low + 1)


def _number(text: str | None, otherwise: float) -> float:
    try:
        return float(text) if text is not None else otherwise
    except ValueError:
        return otherwise


def _colour(options: dict[str, str], name: str, otherwise: str) -> str:
    text = options.get(name, otherwise)
    return text if NAMED.fullmatch(text) else otherwise
