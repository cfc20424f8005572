"""The KPI tables of a large account against the same KPIs in plain pandas: ``make bench-kpis``."""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.account import LEADS, files, lake_in, rows, write_account
from benchmarks.document import put_section
from benchmarks.measure import RESULTS
from close_kpis.lake.connection import connect

if TYPE_CHECKING:
    from pandas import Series

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- kpis: begin (make bench-kpis) -->", "<!-- kpis: end -->"
KEYS = {
    "cohort_monthly": ["cohort_month", "age_months"],
    "data_quality": ["rule", "record_type", "record_id"],
    "growth_monthly": ["month"],
    "growth_yearly": ["year", "row_kind"],
    "insights": ["insight", "user_id"],
    "mrr_movements_monthly": ["month"],
    "mrr_movements_yearly": ["year"],
    "pipeline_daily": ["pipeline", "status"],
    "pipeline_stages": ["pipeline", "status"],
    "rep_monthly": ["month", "user_id"],
    "source_all_time": ["source"],
    "source_monthly": ["cohort_month", "source"],
    "source_total": ["total_leads"],
    "team_monthly": ["month"],
    "win_rate_monthly": ["month"],
}

ACTIVITIES = frozenset({
    "calls",
    "custom_activities",
    "emails",
    "lead_status_changes",
    "meetings",
    "opportunity_status_changes",
    "task_completions",
})


@dataclass(frozen=True)
class Cost:
    """What a step took.

    Attributes:
        seconds: on the clock.
        cpu_seconds: of all cores together.
        peak_mb: the largest resident size of its process.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(step: str, folder: Path) -> Cost:
    """Run a step of ``benchmarks.measure`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.measure", step, str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    cost = Cost(**json.loads(done.stdout.splitlines()[-1]))
    print(f"{step}: {cost.seconds:6.1f} s, {cost.cpu_seconds:6.1f} CPU s, {cost.peak_mb:6.0f} MB", flush=True)
    return cost


def mismatches(folder: Path) -> list[str]:
    """Describe where the two computations differ, in the columns that both have."""
    tables = pickle.loads((folder / RESULTS).read_bytes())
    found = []
    with closing(connect(lake_in(folder), read_only=True)) as con:
        for name, keys in KEYS.items():
            ours, theirs = con.table(f"kpi.{name}").df(), tables[name]
            columns = [column for column in theirs.columns if column in ours.columns and column not in keys]
            for key in keys:
                ours[key], theirs[key] = ours[key].astype("str"), theirs[key].astype("str")
            both = ours.merge(theirs, on=keys, how="outer", suffixes=("", "_pandas"), indicator=True)
            alone = both[both["_merge"] != "both"]
            found += [f"{name}: {len(alone)} rows on one side only"] if len(alone) else []
            for column in columns:
                differing = ~_equal(both[column], both[f"{column}_pandas"]) & (both["_merge"] == "both")
                found += [f"{name}.{column}: {differing.sum()} of {len(both)} values"] if differing.any() else []
            print(f"compared {name}: {len(both)} rows, {len(columns)} columns")
    return found


def _equal(ours: Series, theirs: Series) -> Series:
    import numpy as np
    from pandas.api.types import is_string_dtype

    if is_string_dtype(ours.dtype):
        return ours.fillna("") == theirs.fillna("")
    a, b = ours.astype("float64"), theirs.astype("float64")
    # Equal, empty on both sides, or nearly equal.
    return (a == b) | (a.isna() & b.isna()) | (np.abs(a - b) <= 1e-8 + 1e-9 * np.abs(b))


def section(leads: int, counts: dict[str, int], costs: dict[str, Cost], found: list[str]) -> str:
    """Return the benchmark's section of the document, ratios first.

    Args:
        leads: of the account that both sides compute.
        counts: its rows by table.
        costs: what our first computation took by number of leads, what the next one took without the records behind the
            numbers under ``again``, and what pandas took under ``pandas``.
        found: where the two sides differ.
    """
    ours, pandas = costs[f"{leads:,}"], costs["pandas"]
    activities = sum(count for name, count in counts.items() if name in ACTIVITIES)
    lines = [
        "## KPI tables against plain pandas",
        "",
        f"{counts['leads']:,} leads, {counts['opportunities']:,} opportunities, {activities:,} activities in "
        f"60 months; {os.cpu_count()} cores. `make bench-kpis{'' if leads == LEADS else f' SCALE={leads / LEADS:g}'}`",
        "",
        "| | seconds | CPU seconds | peak memory | beside the first line |",
        "|---|---|---|---|---|",
        _row(f"{leads:,} leads: all tables, checked and released", ours, ours),
        _row("the next time, without the records behind the numbers", costs["again"], ours),
        _row("the tables that both have in pandas", pandas, ours),
        *(
            _row(f"{size} leads", cost, ours)
            for size, cost in costs.items()
            if size not in {"again", "pandas", f"{leads:,}"}
        ),
        "",
        "On a machine that does other work, CPU seconds are the steadier measure.",
        "",
        "Both sides read the same Parquet files, each in a process of its own. Ours also forecasts, lists the records "
        "behind the numbers (not in the second line: `workbook.record_rows: 0`), checks these, stores them and "
        "releases them in one transaction; pandas returns frames. "
        "The values of all tables that both have are "
        + ("the same on both sides." if not found else "not the same on both sides: " + "; ".join(found) + "."),
    ]
    return "\n".join(lines)


def _row(what: str, cost: Cost, first: Cost) -> str:
    times, cpu, memory = (
        cost.seconds / first.seconds,
        cost.cpu_seconds / first.cpu_seconds,
        cost.peak_mb / first.peak_mb,
    )
    ratio = "" if cost is first else f"{times:.2g} x the time, {cpu:.2g} x the CPU time, {memory:.2g} x the memory"
    return f"| {what} | {cost.seconds:.1f} | {cost.cpu_seconds:.1f} | {cost.peak_mb / 1024:.1f} GB | {ratio} |"


def run(folder: Path, leads: int) -> tuple[dict[str, Cost], dict[str, int], list[str]]:
    """Write the account, compute it both ways and compare.

    Returns:
        What each step of ``benchmarks.measure`` took, the account's rows by table, and the mismatches.
    """
    lake = lake_in(folder)
    print(f"writing an account of {leads:,} leads to {folder} ...", flush=True)
    write_account(lake, leads)
    counts = rows(lake)
    (folder / "files.json").write_text(json.dumps(files(lake)), encoding="utf-8")
    costs = {step: measure(step, folder) for step in ("lake", "again", "pandas")}
    found = mismatches(folder)
    for line in found:
        print(f"MISMATCH {line}")
    return costs, counts, found


def run_alone(folder: Path, leads: int) -> Cost:
    """Write an account and compute it our way only."""
    print(f"writing an account of {leads:,} leads to {folder} ...", flush=True)
    write_account(lake_in(folder), leads)
    return measure("lake", folder)


def main() -> int:
    """Run the benchmark; a mismatch fails it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is an account of a million leads")
    parser.add_argument("--beside", default="0.02,3", help="further scales, which our side computes alone")
    parser.add_argument("--write", action="store_true", help="write the result to docs/benchmarks.md")
    arguments = parser.parse_args()
    leads = int(LEADS * arguments.scale)
    with tempfile.TemporaryDirectory(prefix="bench-kpis-") as folder:
        costs, counts, found = run(Path(folder), leads)
    costs[f"{leads:,}"] = costs.pop("lake")
    for scale in filter(None, arguments.beside.split(",")):
        other = int(leads * float(scale))
        with tempfile.TemporaryDirectory(prefix="bench-kpis-") as folder:
            costs[f"{other:,}"] = run_alone(Path(folder), other)
    text = section(leads, counts, costs, found)
    print(text)
    if arguments.write:
        put_section(DOCUMENT, BEGIN, END, text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
