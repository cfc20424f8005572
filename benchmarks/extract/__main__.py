"""``python -m benchmarks.extract``: first load and daily sync of each tool on the same account."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.document import put_section
from benchmarks.extract import report
from benchmarks.extract.changes import Day
from benchmarks.extract.extraction import OurTool
from benchmarks.extract.peers import PEERS, NoPythonError, PeerTool
from benchmarks.extract.rate import traffic
from benchmarks.extract.sandbox import Sandbox
from benchmarks.extract.truth import COMPARED, account_rows, compare
from close_kpis.close.registry import STREAMS
from sandbox.close_api import SandboxConfig

CONSTANT = 13 + 12
"""Requests that a sync of nothing may need: the reference data, and a page of each stream and of the log."""

YEARS = 3
NOTES = {
    "tap": ["opportunities are those nested in the leads that it delivered"],
    "airbyte": ["asks for the custom fields again for each lead and opportunity that it delivers"],
    "airbyte-yaml": ["has no paging for e-mails: 100 a year"],
}


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extract", description=__doc__)
    parser.add_argument("--size", type=int, default=2_000, help="leads; 5 activities and 0.3 deals each (2000)")
    parser.add_argument("--activities", type=int, help="another number of activities")
    parser.add_argument("--account", type=Path, help="an account folder instead of a generated account")
    parser.add_argument(
        "--changes", type=int, help="changes before the daily sync (default: a tenth of the size, 1000 at most)"
    )
    parser.add_argument("--tools", default="ours,tap,airbyte,airbyte-yaml", help="which, in this order")
    parser.add_argument("--latency-ms", type=float, default=300.0, help="delay of every reply (300)")
    parser.add_argument(
        "--free-first-load", action="store_true", help="no delay and no limits before the daily sync is measured"
    )
    parser.add_argument("--command", help="what the section says it was written by (default: this command)")
    parser.add_argument("--title", default=report.TITLE, help="of the section of the document")
    parser.add_argument("--limit-minutes", type=float, default=4.0, help="after which a run is ended (4)")
    parser.add_argument("--peer-python", help="the Python to make the connectors' environments with")
    parser.add_argument("--build", type=Path, default=Path("build/peers"), help="folder of those environments")
    parser.add_argument("--doc", type=Path, default=Path("docs/benchmarks.md"), help="file that gets the section")
    parser.add_argument("--out", type=Path, help="file that gets the figures as JSON (default: standard output)")
    given = parser.parse_args(argv)
    unknown = set(given.tools.split(",")) - {"ours", *PEERS}
    if unknown:
        parser.error(f"unknown tool {', '.join(sorted(unknown))}: choose from ours, {', '.join(PEERS)}")
    given.changes = given.changes or min(1_000, max(20, given.size // 10))
    return given


def main() -> int:
    """Measure and write the report; return the exit status."""
    given = arguments()
    began = datetime.now(UTC)
    measured: dict[str, Any] = {
        "title": given.title,
        "command": given.command or " ".join(["python -m benchmarks.extract", *sys.argv[1:]]),
        "date": began.date().isoformat(),
        "cores": os.cpu_count(),
        "load": f"{os.getloadavg()[0]:.1f}",
        "latency_ms": given.latency_ms,
        "limit_minutes": given.limit_minutes,
        "free_first_load": given.free_first_load,
        "tools": [],
    }
    try:
        for name in given.tools.split(","):
            measured["tools"].append(measure(name, given, began, measured))
    except NoPythonError as error:
        print(error, file=sys.stderr)
        return 2
    text = json.dumps(measured, indent=1)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
    put_section(given.doc, *report.marks(given.title), report.section(measured))
    return 0


def measure(name: str, given: argparse.Namespace, now: datetime, measured: dict[str, Any]) -> dict[str, Any]:
    """Return a tool's two runs; also note in ``measured`` what is the same for all tools."""
    folder = Path(tempfile.mkdtemp(prefix=f"bench-{name}-"))
    try:
        with Sandbox(_account(given, now), given.latency_ms, folder) as sandbox:
            start = now - timedelta(days=365 * YEARS + 31)
            tool = (
                OurTool(folder)
                if name == "ours"
                else PeerTool(PEERS[name], given.peer_python, given.build.absolute(), folder, start)
            )
            found: dict[str, Any] = {"name": tool.name, "notes": NOTES.get(name, [])}
            if given.free_first_load:
                sandbox.turn(latency=0, rate=0)
            found["first"] = _run(tool, sandbox, given.limit_minutes)
            sandbox.turn(latency=given.latency_ms / 1000, rate=SandboxConfig().rate)
            measured["account"] = {stream: len(account_rows(sandbox, stream)) for stream in COMPARED}
            if found["first"]["end"] != "finished":
                return found
            before = {row["id"] for row in sandbox.rows("events", ["id"])}
            measured["changes"] = Day(sandbox).make(given.changes)
            found["daily"] = _run(tool, sandbox, given.limit_minutes)
            if name == "ours":
                measured["daily_goal"] = _daily_goal(sandbox, before, found["daily"])
            return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account(given: argparse.Namespace, now: datetime) -> list[str]:
    if given.account:
        return ["--account", str(given.account)]
    activities = given.activities or 5 * given.size
    size = f"leads={given.size},activities={activities},opportunities={given.size * 3 // 10}"
    # Nothing marks the meetings that begin since as over, so they are read again; and the newest leads crowd what
    # happens to them into the last hour, which every sync reads again.
    until = now - timedelta(hours=2)
    return ["--generated", f"{size},years={YEARS},until={until.isoformat(timespec='seconds')}"]


def _run(tool: OurTool | PeerTool, sandbox: Sandbox, limit_minutes: float) -> dict[str, Any]:
    """Run a tool once and compare what it holds with the account."""
    sandbox.take_requests()
    done = tool.sync(sandbox, limit_minutes * 60)
    requests = traffic(sandbox.take_requests())
    end = {None: f"ended after {limit_minutes:g} min", 0: "finished"}.get(done.status, f"failed ({done.status})")
    found = {
        **asdict(done),
        "end": end,
        "rows": tool.held.count,
        "traffic": asdict(requests),
        "differences": {
            stream: asdict(compare(account_rows(sandbox, stream), tool.held.rows[stream])) for stream in COMPARED
        },
        "errors": tool.held.errors[-3:] + (_last_lines(tool.log) if done.status else []),
    }
    print(
        f"{tool.name}: {end}, {found['rows']:,} rows in {done.seconds:.0f} s, {requests.requests:,} requests, "
        f"{done.peak_mb:.0f} MB",
        file=sys.stderr,
        flush=True,
    )
    return found


def _last_lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]


def _daily_goal(sandbox: Sandbox, before: set[str], daily: dict[str, Any]) -> dict[str, Any]:
    """Return how many requests the changes allow, and how many there were."""
    types = {stream.object_type for stream in STREAMS.values() if stream.object_type}
    events = [
        row for row in sandbox.rows("events", ["id", "object_type", "object_id", "action"]) if row["id"] not in before
    ]
    gone = {row["object_id"] for row in events if row["action"] == "deleted"}
    changed = {row["object_id"] for row in events if row["object_type"] in types} - gone
    return {
        "events": len(events),
        "changed_ids": len(changed),
        "constant": CONSTANT,
        "allowed": 1.3 * (len(events) / 50 + len(changed) / 100 + CONSTANT),
        "requests": daily["traffic"]["requests"],
        "groups": daily["traffic"]["groups"],
    }


if __name__ == "__main__":
    sys.exit(main())
