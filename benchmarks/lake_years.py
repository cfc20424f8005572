"""Whether a lake stays small and quick: ``make bench-lake`` lives through 400 days of a company.

Each day some records are merged as a sync merges them, the KPI tables are computed and what they show is recorded as
published; each week the lake is maintained. A day passes by making all that the catalog has noted a day older.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks.document import put_section
from close_kpis.close.registry import stream_names
from close_kpis.kpis.compute import compute
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.config import LakeConfig
from close_kpis.lake.connection import connect, existing_tables, transaction
from close_kpis.lake.loader import merge
from close_kpis.lake.maintenance import maintain
from close_kpis.lake.sql import statement
from close_kpis.publishing.publish import prepare
from close_kpis.sync.bookmarks import Position, put_stream
from close_kpis.workbook.write import Published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- lake: begin (make bench-lake) -->", "<!-- lake: end -->"
PASS = (ROOT / "benchmarks" / "sql" / "pass_days.sql").read_text(encoding="utf-8")
FIRST = date(2025, 7, 1)
GRACE = timedelta(days=2)
WEEK = 7
STATUSES = {"stat_t": "Trial", "stat_c": "Customer", "stat_x": "Churned"}
SETTINGS = {"timezone": "UTC", "lead_statuses": {"trial": ["Trial"], "customer": ["Customer"], "churned": ["Churned"]}}
READ = ("kpi", "published", "settings", "raw")
"""The schemas that readers of the lake see."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Day:
    """A lake at the end of a day.

    Attributes:
        number: of the day, from 1.
        files: Parquet files below its data path.
        snapshots: that its catalog has.
        catalog_bytes: of the catalog's file.
        data_bytes: of the Parquet files.
        seconds: of the processor, for the day's sync, computation and publish.
    """

    number: int
    files: int
    snapshots: int
    catalog_bytes: int
    data_bytes: int
    seconds: float


class Company:
    """A company with a lake in a folder, on its first day.

    Args:
        folder: an empty folder.
        leads: how many it has at first.
        config: the lake; None for one in the folder.
    """

    def __init__(self, folder: Path, leads: int = 300, config: LakeConfig | None = None) -> None:
        self.lake = config or LakeConfig(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
        self.settings = folder / "kpis.yaml"
        self.settings.write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
        self.number = 0
        self._dice = random.Random(7)
        self._leads: dict[str, Row] = {}
        self._deals: dict[str, Row] = {}
        self._first_leads = leads

    @property
    def today(self) -> datetime:
        """The end of the day."""
        return datetime.combine(FIRST, datetime.max.time(), UTC) + timedelta(days=self.number - 1)

    def live_a_day(self) -> float:
        """Sync, compute and publish; return the seconds of the processor that took."""
        started = time.process_time()
        self.sync_a_day()
        compute(self.lake, settings_file=self.settings)
        self.publish()
        return time.process_time() - started

    def sync_a_day(self) -> None:
        """Begin a day, and write what it brings as a sync does: a transaction a stream, then the complete state."""
        self.number += 1
        os.environ["CLOSE_KPIS_AS_OF"] = self.today.date().isoformat()
        rows = self._changes()
        with closing(connect(self.lake)) as con:
            for stream, of_stream in rows.items():
                with transaction(con, self.lake):
                    merge(con, stream, of_stream, synced_at=self.today)
                    put_stream(con, stream, self.today, Position(None, None))
            with transaction(con, self.lake):
                for stream in stream_names() if self.number == 1 else ():
                    put_stream(con, stream, self.today, Position(None, None))
                values = {"streams": [name for name in rows if name in stream_names()], "recorded_at": self.today}
                con.execute(statement("bookmarks.put_complete"), values)

    def publish(self) -> None:
        """Record what the workbook would show."""
        with closing(connect(self.lake)) as con:
            _, _, record = prepare(con, f"day {self.number}", load_definitions())
            record.keep(con, self.lake, "spreadsheet", Published("https://sheet", 1, 1, 1))

    def pass_days(self, days: int = 1) -> None:
        """Make all that the catalog has noted older."""
        pass_days(self.lake, days)

    def _changes(self) -> dict[str, list[Row]]:
        """Return the day's rows by stream."""
        first = self.number == 1
        leads = [self._lead() for _ in range(self._first_leads if first else 2)]
        leads += [self._touch(lead) for lead in self._some(self._leads, 12)]
        deals = [self._deal() for _ in range(self._first_leads // 2 if first else 1)]
        deals += [self._decide(deal) for deal in self._some(self._deals, 3)]
        rows = {"leads": leads, "opportunities": deals}
        rows["calls"] = [self._activity("call", n, direction="outbound", status="completed") for n in range(25)]
        rows["emails"] = [self._activity("mail", n, direction="outgoing", status="sent") for n in range(40)]
        rows["events"] = [
            {"id": f"ev_{self.number}_{n}", "object_id": row["id"], "date_updated": self.today}
            for n, row in enumerate(leads[:30])
        ]
        if first:
            rows["lead_statuses"] = [
                {"id": status_id, "label": label, "position": n}
                for n, (status_id, label) in enumerate(STATUSES.items())
            ]
            rows["pipelines"] = [{"id": "pipe", "name": "Sales", "position": 0}]
            rows["users"] = [{"id": f"user_{n}", "first_name": f"User {n}", "is_active": True} for n in range(5)]
        return rows

    def _lead(self) -> Row:
        lead_id = f"lead_{len(self._leads)}"
        created = self.today - timedelta(days=self._dice.randrange(200) if self.number == 1 else 0)
        self._leads[lead_id] = {"id": lead_id, "display_name": lead_id, "date_created": created, "custom": {}}
        return self._touch(self._leads[lead_id])

    def _touch(self, lead: Row) -> Row:
        status = self._dice.choice(list(STATUSES))
        lead.update(status_id=status, status_label=STATUSES[status], date_updated=self.today)
        return dict(lead)

    def _deal(self) -> Row:
        deal_id = f"oppo_{len(self._deals)}"
        lead = self._dice.choice(list(self._leads.values()))
        self._deals[deal_id] = {
            "id": deal_id,
            "lead_id": lead["id"],
            "pipeline_id": "pipe",
            "user_id": f"user_{len(self._deals) % 5}",
            "value": self._dice.randrange(100, 9_000) * 100,
            "value_period": "annual",
            "date_created": lead["date_created"],
        }
        return self._decide(self._deals[deal_id])

    def _decide(self, deal: Row) -> Row:
        """Win, lose or reopen a deal, now and then in a month that has been published."""
        status = self._dice.choice(["won", "lost", "active"])
        on = self.today.date() - timedelta(days=self._dice.choice([0, 0, 0, 40]))
        deal.update(status_type=status, status_label=status, date_won=max(on, FIRST) if status == "won" else None)
        deal.update(date_lost=self.today if status == "lost" else None, date_updated=self.today)
        return dict(deal)

    def _activity(self, kind: str, number: int, **columns: str) -> Row:
        return {
            "id": f"{kind}_{self.number}_{number}",
            "lead_id": self._dice.choice(list(self._leads)),
            "user_id": f"user_{number % 5}",
            "activity_at": self.today,
            "date_created": self.today,
            **columns,
        }

    def _some(self, rows: dict[str, Row], number: int) -> Iterator[Row]:
        yield from self._dice.sample(list(rows.values()), min(number, len(rows)))

    def state(self, seconds: float) -> Day:
        """Return what the lake has grown to."""
        with closing(connect(self.lake)) as con:
            [(snapshots, _)] = con.execute(statement("maintenance.size")).fetchall()
        files = [path.stat().st_size for path in Path(self.lake.data_path).rglob("*.parquet")]
        catalog = Path(self.lake.location)
        size = sum(path.stat().st_size for path in catalog.parent.glob(f"{catalog.name}*"))
        return Day(self.number, len(files), snapshots, size, sum(files), seconds)


def pass_days(lake: LakeConfig, days: int) -> None:
    """Make all that a lake's catalog has noted older by days."""
    with closing(connect(lake)) as con:
        for text in con.extract_statements(PASS):
            con.execute(text, {"days": days})


def digest(con: DuckDBPyConnection) -> dict[str, str]:
    """Return a hash of the rows of each table that readers of the lake see."""
    tables = [table for table in sorted(existing_tables(con)) if table.partition(".")[0] in READ]
    return {
        table: hashlib.sha256(repr(con.execute(f"from lake.{table} order by all").fetchall()).encode()).hexdigest()
        for table in tables
    }


def care(company: Company) -> float:
    """Maintain the lake; what readers see stays the same. Return the seconds of the processor that took.

    Raises:
        AssertionError: a table reads otherwise than before.
    """
    with closing(connect(company.lake)) as con:
        before = digest(con)
    started = time.process_time()
    maintain(company.lake, now=datetime.now(UTC), grace=GRACE)
    seconds = time.process_time() - started
    with closing(connect(company.lake)) as con:
        after = digest(con)
    if after != before:
        raise AssertionError(f"maintenance changed {[name for name in before if after.get(name) != before[name]]}")
    return seconds


def live(company: Company, days: int, *, maintained: bool = True) -> tuple[list[Day], list[float]]:
    """Live through days; return the lake at the end of each, and the seconds of each maintenance."""
    states, cares = [], []
    for _ in range(days):
        seconds = company.live_a_day()
        company.pass_days()
        if maintained and company.number % WEEK == 0:
            cares.append(care(company))
        states.append(company.state(seconds))
        print(states[-1], flush=True)
    return states, cares


def section(states: list[Day], cares: list[float], command: str) -> str:
    """Return the document's section: the mean of each 40 days, so that trends show."""
    lines = [
        "## A lake over years",
        "",
        f"`{command}`: {len(states)} days of a small company, each with a sync (rows of five streams), a computation "
        "and the record of a publish; maintained every seventh day, snapshots kept for 30 days. Means of 40 days; "
        "seconds are the processor's, of one process. After each maintenance every table reads as before it.",
        "",
        "| days | files | snapshots | catalog | data | seconds a day |",
        "|---|---|---|---|---|---|",
    ]
    for start in range(0, len(states), 40):
        part = states[start : start + 40]
        mean = {name: sum(getattr(day, name) for day in part) / len(part) for name in Day.__dataclass_fields__}
        lines.append(
            f"| {part[0].number} to {part[-1].number} | {mean['files']:.0f} | {mean['snapshots']:.0f} "
            f"| {mean['catalog_bytes'] / 2**20:.1f} MB | {mean['data_bytes'] / 2**20:.1f} MB | {mean['seconds']:.1f} |"
        )
    if cares:
        lines += ["", f"A maintenance took {sum(cares) / len(cares):.1f} s on average, {max(cares):.1f} s at most."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Live through the days and print, or write, what became of the lake."""
    parser = argparse.ArgumentParser(prog="benchmarks.lake_years", description=__doc__)
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--never", action="store_true", help="never maintain the lake")
    parser.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        states, cares = live(Company(Path(folder)), options.days, maintained=not options.never)
    text = section(states, cares, f"make bench-lake DAYS={options.days}")
    print(text)
    if options.write:
        put_section(DOCUMENT, BEGIN, END, text)


if __name__ == "__main__":
    main()
