"""What a digest says, in plain values that Slack, mail and preview give a form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from close_kpis.digest.locale_phrases import LocalePhrases
from close_kpis.headlines.figures import change, figure, months_of, values_by_month
from close_kpis.headlines.news import news
from close_kpis.headlines.upkeep import upkeep
from close_kpis.lake.sql import statement
from close_kpis.messaging.plain import plain_text
from close_kpis.month import month_before
from close_kpis.publishing.snapshot import read_tables
from close_kpis.workbook.tables import Stamp
from close_kpis.workbook.tabs.parts import stamp_text
from close_kpis.workbook.tabs.styles import PER_SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from close_kpis.digest.lake_state import Publish
    from close_kpis.headlines.figures import Figure, HeadlineMonths
    from close_kpis.kpis.registry import Definitions
    from close_kpis.settings.audience import Audience
    from close_kpis.workbook.tables import Tables
    from close_kpis.workbook.targets import TeamTargets

MOST_SENTENCES = 3

Tone = Literal["good", "bad", "neutral"]


@dataclass(frozen=True)
class Change:
    """What a value is beside another, such as +3.2% on Apr or 92% of the target, and whether that is good news."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class Line:
    """A KPI of a digest.

    Attributes:
        label: what it is called.
        value: of the last completed month.
        changes: against the month and the year before, and against the target, as far as there are such.
        to_date: the running month, empty where that is not told.
    """

    label: str
    value: str
    changes: tuple[Change, ...]
    to_date: str


@dataclass(frozen=True)
class Movements:
    """The months that the picture and the bars show, oldest first.

    Attributes:
        months: first days of completed months.
        mrr: at each month's end, in units of the currency.
        gains: MRR won, by what: new, expansion, reactivation.
        losses: MRR lost, by what: contraction, churn; positive amounts.
        win_rate: of the deals decided in each month, a fraction; None where none was.
    """

    months: tuple[date, ...]
    mrr: tuple[float | None, ...]
    gains: Mapping[str, tuple[float, ...]]
    losses: Mapping[str, tuple[float, ...]]
    win_rate: tuple[float | None, ...]


@dataclass(frozen=True)
class Digest:
    """A digest.

    Attributes:
        title: of the workbook.
        heading: what it is about, such as May 2026.
        stamp: how far the data go.
        lines: the KPIs.
        comparison: what the running month is compared with, empty where it is not told.
        sentences: what changed.
        upkeep: what to mend, and what was restated.
        url: of the workbook.
        movements: for the picture.
        phrases: how numbers are written.
    """

    title: str
    heading: str
    stamp: str
    lines: tuple[Line, ...]
    comparison: str
    sentences: tuple[str, ...]
    upkeep: str
    url: str
    movements: Movements
    phrases: LocalePhrases

    @property
    def subject(self) -> str:
        """The digest in a line, for a subject or a notification."""
        first = self.lines[0]
        changed = f" ({first.changes[0].text})" if first.changes else ""
        return f"{self.title}, {self.heading}: {first.label} {first.value}{changed}"


@dataclass(frozen=True)
class Notice:
    """Why a digest was not sent.

    Attributes:
        title: of the workbook.
        reason: to follow "not sent because".
        url: of the workbook; empty before it was published.
    """

    title: str
    reason: str
    url: str

    @property
    def subject(self) -> str:
        """The notice in a line."""
        return f"{self.title}: digest not sent"

    @property
    def text(self) -> str:
        """The notice in sentences."""
        return (
            f"Not sent because {self.reason}. It follows once that is put right, if it is in time; the workbook shows "
            "the last numbers that passed every check."
        )


def read_digest(
    con: DuckDBPyConnection,
    published: Publish,
    audience: Audience,
    definitions: Definitions,
    title: str,
    targets: TeamTargets,
) -> Digest | None:
    """Read what a digest says.

    Args:
        con: a connection to the lake, in a transaction.
        published: the newest publish, whose numbers the KPI tables hold.
        audience: which KPIs, and how.
        definitions: the registry.
        title: of the workbook.
        targets: that readers have set in the workbook.

    Returns:
        The digest; None before a month is completed.

    Raises:
        NothingToPublishError: no KPIs have been computed yet.
    """
    _, tables = read_tables(con, definitions)
    tables = replace(tables, restatements=con.execute(statement("digest.restatements")).df())
    months = months_of(tables)
    if months is None:
        return None
    stamp = Stamp(published.as_of, published.published_at, "")
    before = _same_day(con, months, published.as_of, tables.choices.timezone)
    return compose(
        tables,
        stamp,
        audience,
        definitions,
        title=title,
        url=published.url,
        months=months,
        before=before,
        targets=targets,
    )


@dataclass(frozen=True)
class SameDay:
    """What was published of the month before the running one on the same day of that month.

    Attributes:
        day: that day; None where the month has none.
        values: by (published tab, entity, column), as the KPI tables hold them; empty where nothing was published.
    """

    day: date | None
    values: Mapping[tuple[str, str, str], float]


def compose(
    tables: Tables,
    stamp: Stamp,
    audience: Audience,
    definitions: Definitions,
    *,
    title: str,
    url: str,
    months: HeadlineMonths,
    before: SameDay,
    targets: TeamTargets,
) -> Digest:
    """Return what a digest says.

    Args:
        tables: the KPI tables as published.
        stamp: how far they go.
        audience: which KPIs, and how.
        definitions: the registry.
        title: of the workbook.
        url: of the workbook.
        months: which months it is about.
        before: what the running month is compared with.
        targets: that readers have set in the workbook.
    """
    phrases = LocalePhrases(tables.choices.currency, audience.locale)
    shown = [figure(tables, definitions, table, column, months) for table, column in audience.figures()]
    running = months.running if audience.tells_running_month else None
    same = {one: _value_before(one, before, definitions) for one in shown} if running else {}
    heading = f"{months.last:%B %Y}" + (f", {running:%B} to date" if running else "")
    return Digest(
        title=plain_text(title),
        heading=heading,
        stamp=stamp_text(stamp, tables.choices.timezone),
        lines=tuple(_line(one, months, running, same.get(one), before.day, targets, phrases) for one in shown),
        comparison=_comparison(running, before, same, stamp, tables.choices.timezone) if running else "",
        sentences=tuple(news(tables, phrases, months.last, with_names=audience.tells_names)[:MOST_SENTENCES]),
        upkeep=upkeep(tables),
        url=url,
        movements=_movements(tables, months),
        phrases=phrases,
    )


def _line(
    shown: Figure,
    months: HeadlineMonths,
    running: date | None,
    same: float | None,
    day: date | None,
    targets: TeamTargets,
    phrases: LocalePhrases,
) -> Line:
    compared = ((shown.before, f"{months.before:%b}"), (shown.year_before, f"{months.year_before:%b %Y}"))
    changes = [
        Change(f"{phrases.change(shown.kpi.unit, changed)} on {then}", _tone(shown, changed))
        for value, then in compared
        if (changed := change(shown.kpi, shown.value, value)) is not None
    ]
    if reached := _reached(shown, shown.value, targets.of(shown.label, months.last), phrases):
        changes.append(reached)
    to_date = ""
    if running:
        when = "now" if shown.table == "pipeline_daily" else f"{running:%b} to date"
        to_date = f"{when}: {phrases.value(shown.kpi.unit, shown.to_date)}"
        if same is not None and day is not None:
            to_date += f" (by {day.day} {day:%b}: {phrases.value(shown.kpi.unit, same)})"
        if reached := _reached(shown, shown.to_date, targets.of(shown.label, running), phrases):
            to_date += f", {reached.text}"
    return Line(shown.label, phrases.value(shown.kpi.unit, shown.value), tuple(changes), to_date)


def _reached(shown: Figure, value: float | None, target: float | None, phrases: LocalePhrases) -> Change | None:
    """Return how far a target, in the unit that readers see, is reached, as Summary's Attainment says; None without."""
    if target is None:
        return None
    held = target * PER_SHOWN.get(shown.kpi.unit, 1)
    told = phrases.value(shown.kpi.unit, held)
    part, whole = (held, value) if shown.kpi.better == "lower" else (value, held)
    if part is None or not whole:
        return Change(f"target {told}", "neutral")
    share = part / whole
    return Change(f"{phrases.whole_percent(share)} of the target {told}", "good" if share >= 1 else "neutral")


def _tone(shown: Figure, changed: float) -> Tone:
    if shown.kpi.better == "neutral" or not changed:
        return "neutral"
    return "good" if (changed > 0) == (shown.kpi.better == "higher") else "bad"


def _comparison(
    running: date, before: SameDay, same: Mapping[Figure, float | None], stamp: Stamp, timezone: str
) -> str:
    """Say what the running month's numbers are, and what they are beside: nothing else would be honest."""
    through = stamp.as_of.astimezone(ZoneInfo(timezone)).date()
    so_far = f"{running:%B} runs through {through.day} {through:%b}"
    if any(value is not None for value in same.values()):
        assert before.day is not None
        return f"{so_far}; in brackets what was published of {before.day:%B} on the same day."
    if before.day is None:
        return f"{so_far}; the month before has no such day to compare with."
    return f"{so_far}; nothing was published on {before.day.day} {before.day:%b} to compare it with."


def _value_before(shown: Figure, before: SameDay, definitions: Definitions) -> float | None:
    tab = definitions.tables[shown.table].published
    entity = "Team" if shown.table == "team_monthly" else "Total"
    return before.values.get((tab, entity, shown.column)) if tab else None


def _same_day(con: DuckDBPyConnection, months: HeadlineMonths, as_of: datetime, timezone: str) -> SameDay:
    """Read what was published of the month before on the same day of it."""
    if months.running is None:
        return SameDay(None, {})
    zone = ZoneInfo(timezone)
    today = as_of.astimezone(zone).date()
    try:
        day = month_before(months.running).replace(day=today.day)
    except ValueError:
        return SameDay(None, {})
    start, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    given = {"month": day.replace(day=1), "day_start": start, "day_end": end}
    rows = con.execute(statement("digest.same_day_values"), given).fetchall()
    return SameDay(day, {(tab, entity, kpi): value for tab, entity, kpi, value in rows})


def _movements(tables: Tables, months: HeadlineMonths) -> Movements:
    shown = tuple(sorted(months.trend))

    def series(table: str, column: str, per: int) -> tuple[float | None, ...]:
        by_month = values_by_month(tables, table, column)
        values = (by_month.get(month) for month in shown)
        return tuple(None if value is None else value / per for value in values)

    def moves(names: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
        found = {name: series("mrr_movements_monthly", f"{name}_arr_cents", 1200) for name in names}
        return {name: tuple(value or 0.0 for value in values) for name, values in found.items()}

    return Movements(
        months=shown,
        mrr=series("mrr_movements_monthly", "closing_arr_cents", 1200),
        gains=moves(("new", "expansion", "reactivation")),
        losses=moves(("contraction", "churn")),
        win_rate=series("win_rate_monthly", "win_rate", 1),
    )
