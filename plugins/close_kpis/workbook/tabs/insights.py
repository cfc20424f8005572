"""What the numbers say, as a table: the findings first, the team's before the reps'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.kpis.insights import importance
from close_kpis.workbook.spec import EMPTY, Cell
from close_kpis.workbook.tables import records
from close_kpis.workbook.tabs import styles
from close_kpis.workbook.tabs.people import rep_names

if TYPE_CHECKING:
    from close_kpis.workbook.spec import Format, Row
    from close_kpis.workbook.tables import Record, Tables
    from close_kpis.workbook.tabs.parts import Context

TEAM = "Team"
QUESTIONS = {
    "close_rate": "Close rate",
    "deal_size_trend": "Deal size",
    "busier_closing_less": "Effort and wins",
    "calls_and_close_rate_pooled": "Calls and close rate",
    "calls_and_close_rate_within_rep": "Calls, within a rep",
}
"""What each insight is about, in the few words that fit beside a name."""

_HEADS = ("Question", "Who", "Verdict", "", "", "n", "Estimate", "95 % interval", "", "In words")
_NUMBERS = ("n", "Estimate")
_NOTE = (
    "Statistics over completed months; they claim no cause. Estimates are the close rate, the monthly change of the "
    "deal size (MRR), the change of the wins, or a rank correlation from -1 to 1."
)


def ordered_insights(tables: Tables) -> list[tuple[str, Record]]:
    """Return the insights with whom they are about, what matters first, the team's before the reps'."""
    names = rep_names(tables)

    def who_is(user_id: str | None) -> str:
        return TEAM if user_id is None else names.get(user_id, user_id)

    told = [(who_is(record["user_id"]), record) for record in records(tables.insights)]

    def place(one: tuple[str, Record]) -> tuple[int, bool, str, str]:
        who, record = one
        return importance(record["verdict"]), record["user_id"] is not None, who, record["insight"]

    return sorted(told, key=place)


def insight_rows(tables: Tables, context: Context) -> list[Row]:
    """Return the table, findings coloured; no row where there is no insight."""
    found = ordered_insights(tables)
    if not found:
        return []
    rows: list[Row] = [
        (Cell("What the numbers say", styles.SECTION, note=_NOTE),),
        tuple(Cell(text, styles.SUBHEADER if text in _NUMBERS else styles.SUBHEADER_LEFT) for text in _HEADS),
    ]
    for who, record in found:
        is_finding = importance(record["verdict"]) == 0
        look = styles.BODY.but(bold=True, fill=styles.FINDING) if is_finding else styles.BODY.but(color=styles.FAINT)
        rows.append((
            Cell(QUESTIONS.get(record["insight"], record["insight"]), look.but(size=9)),
            Cell(who, look),
            Cell(record["verdict"], look),
            *([Cell(None, look)] * 2),
            Cell(record["n"], look.but(number=styles.WHOLE)),
            *_estimate(record, look, context),
            Cell(None, look),
            Cell(record["sentence"], styles.SENTENCE),
        ))
    return [*rows, (EMPTY,)]


def _estimate(record: Record, look: Format, context: Context) -> tuple[Cell, Cell]:
    """Return the estimate and its interval, as the question is measured."""
    value, *ends = (record[name] for name in ("estimate", "low", "high"))
    number, told = styles.PERCENT, [f"{end:.0%}" for end in ends if end is not None]
    if record["insight"] == "deal_size_trend":
        value = styles.shown("mrr", value)
        number = styles.money(context.currency)
        told = [styles.amount(end / 1200, context.currency) for end in ends if end is not None]
    elif record["insight"].startswith("calls_and_close_rate"):
        number, told = styles.HUNDREDTH, [f"{end:.2f}" for end in ends if end is not None]
    interval = " to ".join(told) if len(told) == len(ends) else None
    return Cell(value, look.but(number=number)), Cell(interval, look.but(size=9))
