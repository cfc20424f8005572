"""The digest's picture: MRR, its movements and the win rate; and the same as bars of block characters."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from close_kpis.workbook.tabs import styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from close_kpis.digest.content import Digest, Movements

WIDTH, HEIGHT = 1080, 1180
"""Pixels of the picture: a phone shows it at a third of that."""

_BARS = "▁▂▃▄▅▆▇█"
_DPI = 200
_GAINS = {"new": styles.SERIES[2], "expansion": styles.SERIES[5], "reactivation": styles.SERIES[3]}
_LOSSES = {"contraction": styles.SERIES[1], "churn": styles.SERIES[4]}


def picture(digest: Digest) -> bytes:
    """Return the picture as PNG.

    Args:
        digest: whose months and numbers it shows. It holds no name from Close.
    """
    # Figure itself and not pyplot: nothing is kept for the next picture, and no display is looked for.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    moves = digest.movements
    # A currency sign is no formula, and the minus has to be one that the font has.
    with rc_context({"text.parse_math": False, "font.size": 10, "axes.unicode_minus": False}):
        canvas = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=styles.WHITE, layout="constrained")
        top, middle, bottom = canvas.subplots(3, 1, sharex=True, height_ratios=(1.0, 1.25, 0.85))
        _mrr(top, moves)
        _moves(middle, moves)
        _win_rate(bottom, moves)
        for axes in (top, middle):
            axes.yaxis.set_major_formatter(lambda value, _: digest.phrases.amount(value))
        bottom.yaxis.set_major_formatter(lambda value, _: digest.phrases.whole_percent(value))
        _months(bottom, moves)
        target = io.BytesIO()
        canvas.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def alternative(digest: Digest) -> str:
    """Return in a line what the picture shows, for those who don't see it."""
    moves, phrases = digest.movements, digest.phrases
    mrr = [value for value in moves.mrr if value is not None]
    rates = [value for value in moves.win_rate if value is not None]
    told = f"MRR from {phrases.amount(mrr[0])} to {phrases.amount(mrr[-1])}" if mrr else "No MRR"
    rate = f", win rate {phrases.value('rate', rates[-1])}" if rates else ""
    return f"{told} in {len(moves.months)} month{'' if len(moves.months) == 1 else 's'}{rate}"


def bars(digest: Digest) -> list[str]:
    """Return MRR and win rate as lines of block characters, for those who get no picture."""
    moves, phrases = digest.movements, digest.phrases
    span = f"{moves.months[0]:%b %Y} to {moves.months[-1]:%b %Y}" if moves.months else ""
    lines = []
    for label, values, unit in (("MRR", moves.mrr, "mrr"), ("Win rate", moves.win_rate, "rate")):
        known = [value for value in values if value is not None]
        if known:
            last = phrases.amount(known[-1]) if unit == "mrr" else phrases.value("rate", known[-1])
            lines.append(f"{label:<8} {_bar(values)} {last}")
    return [*lines, f"{'':<8} {span}"] if lines else []


def _bar(values: tuple[float | None, ...]) -> str:
    known = [value for value in values if value is not None]
    low, high = min(0.0, *known), max(known)
    size = (high - low) or 1.0
    return "".join(" " if value is None else _BARS[round((value - low) / size * (len(_BARS) - 1))] for value in values)


def _mrr(axes: Axes, moves: Movements) -> None:
    at = [place for place, value in enumerate(moves.mrr) if value is not None]
    values = [value for value in moves.mrr if value is not None]
    axes.fill_between(at, values, color=styles.PALE)
    axes.plot(at, values, color=styles.NAVY, linewidth=2.2, marker="o" if len(at) == 1 else None)
    axes.set_ylim(bottom=min(0.0, *values) if values else 0.0)
    _dress(axes, "MRR at the end of the month")


def _moves(axes: Axes, moves: Movements) -> None:
    at = range(len(moves.months))
    for parts, colors, sign in ((moves.gains, _GAINS, 1), (moves.losses, _LOSSES, -1)):
        heights = [0.0] * len(moves.months)
        for name, values in parts.items():
            signed = [sign * value for value in values]
            if any(signed):
                axes.bar(at, signed, bottom=heights, color=colors[name], width=0.72, label=name)
            heights = [height + value for height, value in zip(heights, signed, strict=True)]
    axes.axhline(0, color=styles.MUTED, linewidth=0.8)
    _dress(axes, "Won and lost MRR")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncol=3, frameon=False, fontsize=9, handlelength=1)


def _win_rate(axes: Axes, moves: Movements) -> None:
    rates: list[Any] = [float("nan") if value is None else value for value in moves.win_rate]
    axes.plot(range(len(rates)), rates, color=styles.SERIES[1], linewidth=2.2, marker="o", markersize=4)
    known = [value for value in moves.win_rate if value is not None]
    axes.set_ylim(0, min(1.0, max(known, default=0.5) * 1.25) or 0.5)
    _dress(axes, "Win rate of the month's decided deals")


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=styles.NAVY)
    axes.grid(axis="y", color=styles.RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=styles.INK, length=0)
    axes.tick_params(axis="x", pad=8)
    axes.locator_params(axis="y", nbins=4)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def _months(axes: Axes, moves: Movements) -> None:
    """Name every third month, counted from the last one."""
    at = [place for place in range(len(moves.months)) if (len(moves.months) - 1 - place) % 3 == 0]
    axes.set_xticks(at, [f"{moves.months[place]:%b %y}" for place in at])
    axes.set_xlim(-0.6, max(len(moves.months) - 0.4, 0.6))
