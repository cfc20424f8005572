"""What the page shows of a lake when it is opened, in plain values."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from close_kpis.alerts.causes import Alarm
from close_kpis.clock import now, told
from close_kpis.digest.lake_state import behind, read_state
from close_kpis.digest.locale_phrases import LocalePhrases
from close_kpis.explain.records import lead_link, read
from close_kpis.kpis.candidate import StaleCandidateError
from close_kpis.kpis.checks import KPI_RULES, GateError, check_candidate
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.connection import connect, existing_tables
from close_kpis.lake.hook import LakeHook
from close_kpis.month import month_key
from close_kpis.reporting import printable
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import load
from close_kpis.texts import heading_of
from close_kpis.ui.page.addresses import dag_page, records_of_restatement, records_page, run_page, web_address

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from close_kpis.accounts import Account
    from close_kpis.digest.lake_state import LakeState
    from close_kpis.explain.records import Record
    from close_kpis.kpis.checks import Violations
    from close_kpis.kpis.registry import Definitions, Kpi
    from close_kpis.lake.config import LakeConfig

LOCALE = "en_US"
PUBLISHES = 5
RESTATEMENTS = 10
SAMPLE = 5
"""Records that a warning shows."""

_LATE_AFTER = 24
"""Hours, where kpis.yaml cannot be read."""


@dataclass(frozen=True)
class Step:
    """How far one step of the pipeline has come: the instant that its data end at, empty where it has not run."""

    name: str
    dag_id: str
    runs: str
    reached: str


@dataclass(frozen=True)
class Publish:
    """A publish of the workbook: when, how far its data go, how much it wrote, and where to look."""

    at: str
    as_of: str
    cells: int
    requests: int
    run: str
    workbook: str | None


@dataclass(frozen=True)
class Finding:
    """A record that a rule found: what it is, what is wrong with it, and its lead in Close."""

    text: str
    url: str | None


@dataclass(frozen=True)
class Rule:
    """A rule with what it found, and what to do about it."""

    label: str
    definition: str
    remedy: str
    count: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class OpenAlarm:
    """What has failed and is not well again."""

    subject: str
    since: str
    run: str


@dataclass(frozen=True)
class Restatement:
    """A published value of a completed month that reads otherwise now."""

    at: str
    what: str
    before: str
    after: str
    cause: str
    records: str | None


@dataclass(frozen=True)
class Number:
    """A value of the growth report, and the page of its records; none where there is no value."""

    shown: str
    records: str | None


@dataclass(frozen=True)
class GrowthRow:
    """A month of the growth report."""

    month: str
    is_running: bool
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Overview:
    """The page.

    Attributes:
        zone: the reporting time zone, in which instants are told.
        problems: why what readers see is not what Close has, in sentences.
        steps: how far sync, computation, release and publish have come.
        streams: each with the instant that it is read up to, and since when it is being loaded.
        publishes: the newest first.
        gates: the rules that hold back the newest numbers.
        alarms: the newest first.
        warnings: the rules that found records.
        restatements: the newest first.
        restated: how many there are.
        columns: of the growth report.
        growth: its months, the newest first.
        months: the completed ones, as YYYY-MM.
    """

    zone: str
    problems: tuple[str, ...]
    steps: tuple[Step, ...]
    streams: tuple[tuple[str, str, str], ...]
    publishes: tuple[Publish, ...]
    gates: tuple[Rule, ...]
    alarms: tuple[OpenAlarm, ...]
    warnings: tuple[Rule, ...]
    restatements: tuple[Restatement, ...]
    restated: int
    columns: tuple[Kpi, ...]
    growth: tuple[GrowthRow, ...]
    months: tuple[str, ...]


def read_overview(account: Account) -> Overview:
    """Read the page from the lake of an account, which is opened for reading only and closed again.

    Raises:
        LakeError: there is no lake, or it cannot be opened.
    """
    lake = LakeHook(account.lake_conn).config
    with closing(connect(lake, read_only=True)) as con:
        con.execute("begin transaction")
        state, tables = read_state(con), existing_tables(con)
        settings = read(con, "page.settings", {})[1][0] if "settings.run" in tables else None
        zone = settings["timezone"] if settings else "UTC"
        definitions = load_definitions()
        if settings:
            definitions = definitions.with_choices(
                rate_denominator=settings["rate_denominator"],
                count_automated_emails=settings["count_automated_emails"],
            )
        phrases = LocalePhrases(settings["currency"] if settings else "USD", LOCALE)
        rows = read(con, "page.growth", {})[1] if "kpi.growth_monthly" in tables else []
        kpis = definitions.reports["growth"].shown()
        restatements = _rows(con, tables, "kpi.restatements", "restatements", RESTATEMENTS)
        return Overview(
            zone=zone,
            problems=tuple(_problems(account, state, zone)),
            steps=tuple(_steps(account, state, zone)),
            streams=tuple(_streams(con, zone)),
            publishes=tuple(
                _publish(account, row, zone)
                for row in _rows(con, tables, "published.publishes", "publishes", PUBLISHES)
            ),
            gates=tuple(_gates(lake, state, definitions)),
            alarms=tuple(_alarm(account, row, zone) for row in _alarms(con, tables)),
            warnings=tuple(_warnings(_rows(con, tables, "kpi.data_quality", "warnings", SAMPLE), definitions)),
            restatements=tuple(_restatement(row, zone, definitions, phrases) for row in restatements),
            restated=restatements[0]["all_rows"] if restatements else 0,
            columns=tuple(kpi for _, kpi in kpis),
            growth=tuple(_growth_row(row, kpis, phrases) for row in rows),
            months=tuple(month_key(row["month"]) for row in rows if not row["is_running"]),
        )


def _rows(con: DuckDBPyConnection, tables: Collection[str], table: str, query: str, most: int) -> list[Record]:
    """Return what a query of the page finds in a table, nothing where the lake does not have that yet."""
    return read(con, f"page.{query}", {"most": most})[1] if table in tables else []


def _problems(account: Account, state: LakeState, zone: str) -> list[str]:
    problems = []
    hours = _LATE_AFTER
    try:
        hours = load(account.settings_file).limits.late_after_hours
    except (SettingsError, OSError) as error:
        problems.append(str(error))
    found = behind(state, now(zone), timedelta(hours=hours), zone)
    if found is not None:
        hint = " It was computed a moment ago and may be under way." if found.is_passing else ""
        problems.append(f"{found.reason[0].upper()}{found.reason[1:]}.{hint}")
    return problems


def _steps(account: Account, state: LakeState, zone: str) -> list[Step]:
    def step(name: str, dag: str, reached: datetime | None) -> Step:
        dag_id = account.prefixed(dag)
        return Step(name, dag_id, f"{dag_page(account, dag_id)}/runs", told(reached, zone) if reached else "")

    return [
        step("Read from Close", "close_sync", state.synced),
        step("Computed", "sales_kpis", state.candidate.as_of if state.candidate else None),
        step("Passed every check", "sales_kpis", state.released.as_of if state.released else None),
        step("In the workbook", "sheets_publish", state.published.as_of if state.published else None),
    ]


def _streams(con: DuckDBPyConnection, zone: str) -> list[tuple[str, str, str]]:
    return [
        (
            heading_of(row["stream"]),
            told(row["synced_through"], zone) if row["synced_through"] else "",
            told(row["started_at"], zone) if row["started_at"] else "",
        )
        for row in read(con, "page.streams", {})[1]
    ]


def _publish(account: Account, row: Record, zone: str) -> Publish:
    return Publish(
        at=told(row["published_at"], zone),
        as_of=told(row["as_of"], zone),
        cells=row["cells"],
        requests=row["requests"],
        run=run_page(account, account.prefixed("sheets_publish"), row["run_id"]),
        workbook=web_address(row["url"]),
    )


def _gates(lake: LakeConfig, state: LakeState, definitions: Definitions) -> list[Rule]:
    """Return the rules that the newest numbers violate, where they have not passed every check."""
    candidate, released = state.candidate, state.released
    if candidate is None or (released is not None and released.computed_at >= candidate.computed_at):
        return []
    try:
        check_candidate(lake, KPI_RULES, candidate.computation_id)
    except GateError as error:
        return [_gate(one, definitions) for one in error.violations]
    except StaleCandidateError:
        # Another computation has ended since; the next look shows it.
        return []
    return []


def _gate(violations: Violations, definitions: Definitions) -> Rule:
    return Rule(
        label=heading_of(violations.rule).capitalize(),
        definition=definitions.gates[violations.rule].definition,
        remedy=violations.remedy,
        count=violations.count,
        findings=tuple(Finding(printable(one.text), web_address(one.url)) for one in violations.sample),
    )


def _alarms(con: DuckDBPyConnection, tables: Collection[str]) -> list[Record]:
    is_kept = {"published.alarms", "published.alarm_messages"} <= set(tables)
    return read(con, "page.alarms", {})[1] if is_kept else []


def _alarm(account: Account, row: Record, zone: str) -> OpenAlarm:
    subject = Alarm.from_json(row["content"]).subject if row["content"] else f"{row['dag_id']} {row['task_id']}"
    return OpenAlarm(printable(subject), told(row["opened_at"], zone), run_page(account, row["dag_id"], row["run_id"]))


def _warnings(rows: list[Record], definitions: Definitions) -> list[Rule]:
    by_rule: dict[str, list[Record]] = {}
    for row in rows:
        by_rule.setdefault(row["rule"], []).append(row)
    found = []
    for name, records in by_rule.items():
        rule = definitions.quality_rules.get(name)
        found.append(
            Rule(
                label=rule.label if rule else heading_of(name).capitalize(),
                definition=rule.definition if rule else "",
                remedy=rule.remedy if rule else "",
                count=records[0]["all_rows"],
                findings=tuple(map(_finding, records)),
            )
        )
    return found


def _finding(row: Record) -> Finding:
    return Finding(printable(f"{row['record_type']} {row['record_id']}: {row['detail']}"), lead_link(row["lead_id"]))


def _restatement(row: Record, zone: str, definitions: Definitions, phrases: LocalePhrases) -> Restatement:
    report = definitions.published_as().get(row["tab"])
    kpi = definitions.reports[report].kpis.get(row["kpi"]) if report else None

    def value(which: str) -> str:
        return phrases.value(kpi.unit if kpi else "number", row[which])

    label = kpi.label if kpi else heading_of(row["kpi"])
    return Restatement(
        at=told(row["restated_at"], zone),
        what=printable(f"{label}, {row['name']}, {row['month']:%b %Y}"),
        before=value("before"),
        after=value("after"),
        cause=printable(row["cause"]),
        records=records_of_restatement(row),
    )


def _growth_row(row: Record, kpis: list[tuple[str, Kpi]], phrases: LocalePhrases) -> GrowthRow:
    month = month_key(row["month"])

    def number(column: str, kpi: Kpi) -> Number:
        # A column that an earlier version has not computed yet is empty.
        value: Any = row.get(column)
        is_known = value is not None
        page = records_page(report="growth", month=month, kpi=column) if is_known else None
        return Number(phrases.value(kpi.unit, value), page)

    return GrowthRow(month, bool(row["is_running"]), tuple(number(column, kpi) for column, kpi in kpis))
