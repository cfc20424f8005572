"""Requests a second of the Close sandbox on one core, for each endpoint, and its peak memory.

`python benchmarks/sandbox_throughput.py [--account leads=1000000,activities=2000000] [--seconds 3]`

The sandbox runs as a program of its own and is asked by a client that keeps one connection and does not
read the rows, so that what is measured is the server. Each endpoint is asked as an extractor asks: another
page or window each time.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
CHANGES = 1_000
END = datetime(2026, 6, 30, tzinfo=UTC)
LEAD_FIELDS = "id,display_name,status_id,status_label,html_url,custom,date_created,date_updated"
CALL_FIELDS = (
    "id,lead_id,user_id,activity_at,date_created,date_updated,direction,status,disposition,duration,outcome_id"
)
DEAL_FIELDS = (
    "id,lead_id,user_id,pipeline_id,status_id,status_label,status_type,value,value_period,confidence,date_won,"
    "date_lost,date_created,date_updated"
)


@dataclass(frozen=True)
class Ask:
    """A request."""

    path: str
    body: Any = None


class Server:
    """A sandbox in another process."""

    def __init__(self, account: str) -> None:
        folder = tempfile.mkdtemp()
        port_file = Path(folder) / "port"
        began = time.monotonic()
        command = [sys.executable, "-m", "sandbox.close_api", "--generated", account, "--rate", "0"]
        self._process = subprocess.Popen([*command, "--port-file", str(port_file)], cwd=ROOT)
        while not port_file.exists():
            if self._process.poll() is not None:
                raise SystemExit("the sandbox did not start")
            time.sleep(0.05)
        self.start_seconds = time.monotonic() - began
        self._connection = http.client.HTTPConnection("127.0.0.1", int(port_file.read_text()))
        key = b64encode(b"api_sandbox:").decode()
        self._headers = {"authorization": f"Basic {key}", "content-type": "application/json"}

    def ask(self, ask: Ask) -> bytes:
        """Return the body of a reply."""
        body = None if ask.body is None else json.dumps(ask.body)
        self._connection.request("GET" if body is None else "POST", ask.path, body, self._headers)
        reply = self._connection.getresponse()
        content = reply.read()
        if reply.status != 200:
            raise SystemExit(f"{ask.path}: {reply.status} {content[:300]!r}")
        return content

    def peak_megabytes(self) -> float:
        """Return the largest memory the process has had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    def core_seconds(self) -> float:
        """Return the processor time the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the process."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


def pages(path: str, rows: int) -> Iterator[Ask]:
    """Yield the pages of a list, each further down."""
    for number in itertools.count():
        yield Ask(f"/api/v1{path}&_skip={number * rows % 200_000}")


def windows(path: str) -> Iterator[Ask]:
    """Yield a list's windows of six hours, backwards."""
    for number in itertools.count():
        stop = END - timedelta(hours=6 * (number % 2_000))
        bounds = (
            f"date_created__gte={stop - timedelta(hours=6):%Y-%m-%dT%H:%M:%S}&date_created__lt={stop:%Y-%m-%dT%H:%M:%S}"
        )
        yield Ask(f"/api/v1{path}&{bounds}")


def searches() -> Iterator[Ask]:
    """Yield first pages of searches for the leads of a day."""
    field = {"type": "regular_field", "object_type": "lead", "field_name": "date_created"}
    for number in itertools.count():
        stop = END - timedelta(hours=12 * (number % 1_500))
        bounds = {
            name: {"type": "fixed_utc", "value": at.isoformat()}
            for name, at in (("on_or_after", stop - timedelta(days=1)), ("before", stop))
        }
        condition = {"type": "moment_range", **bounds}
        queries = [
            {"type": "object_type", "object_type": "lead"},
            {"type": "field_condition", "field": field, "condition": condition},
        ]
        yield Ask(
            "/api/v1/data/search/",
            {
                "query": {"type": "and", "queries": queries},
                "_fields": {"lead": LEAD_FIELDS.split(",")},
                "_limit": 200,
                "include_counts": True,
                "sort": [{"direction": "asc", "field": field}],
            },
        )


def events(server: Server) -> Iterator[Ask]:
    """Yield the pages of the event log, again and again."""
    asks = [Ask("/api/v1/event/?_limit=50")]
    while cursor := json.loads(server.ask(asks[-1]))["cursor_next"]:
        asks.append(Ask(f"/api/v1/event/?_limit=50&_cursor={cursor}"))
    return itertools.cycle(asks)


def batches(server: Server) -> Iterator[Ask]:
    """Yield requests for calls by 100 ids."""
    found = []
    for ask in itertools.islice(pages("/activity/call/?_fields=id&_limit=100", 5_000), 20):
        found.append(",".join(row["id"] for row in json.loads(server.ask(ask))["data"]))
    for ids in itertools.cycle(found):
        yield Ask(f"/api/v1/activity/call/?_fields={CALL_FIELDS}&_limit=100&id__in={ids}")


def measure(server: Server, asks: Iterator[Ask], seconds: float) -> str:
    """Return a line with requests a second; the first request is not counted.

    A second of the server's processor time is counted too: beside other work a core is not the server's alone.
    """
    server.ask(next(asks))
    spent, count, core = 0.0, 0, -server.core_seconds()
    while spent < seconds:
        ask = next(asks)
        began = time.perf_counter()
        server.ask(ask)
        spent, count = spent + time.perf_counter() - began, count + 1
    core += server.core_seconds()
    return f"{count / core:7.0f} requests a second of one core ({count / spent:.0f} by the clock)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--account", default="leads=1000000,activities=2000000,opportunities=300000")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each endpoint")
    given = parser.parse_args()
    server = Server(given.account)
    print(
        f"{given.account}: up after {server.start_seconds:.1f} s "
        f"({server.core_seconds():.1f} s of a core), {server.peak_megabytes():.0f} MB",
        flush=True,
    )
    endpoints: dict[str, Callable[[], Iterator[Ask]]] = {
        "leads, 100 a page": lambda: pages(f"/lead/?query=sort:-created&_fields={LEAD_FIELDS}&_limit=100", 100),
        "leads, all fields": lambda: pages("/lead/?query=sort:-created&_limit=100", 100),
        "calls, 100 a page": lambda: pages(f"/activity/call/?_fields={CALL_FIELDS}&_limit=100", 100),
        "calls, all fields": lambda: pages("/activity/call/?_limit=100", 100),
        "calls of six hours": lambda: windows(f"/activity/call/?_fields={CALL_FIELDS}&_limit=100"),
        "calls by 100 ids": lambda: batches(server),
        "all activities": lambda: pages("/activity/?_limit=100&_fields=id,_type,lead_id,date_created", 100),
        "opportunities, 100": lambda: pages(f"/opportunity/?_fields={DEAL_FIELDS}&_limit=100", 100),
        "search, 200 leads": searches,
        "users": lambda: pages("/user/?_limit=100", 0),
    }
    for name, asks in endpoints.items():
        print(f"{name:20} {measure(server, asks(), given.seconds)}", flush=True)
    began = time.monotonic()
    server.ask(Ask("/_sandbox/changes", {"edits": 600, "creates": 300, "deletes": 100}))
    print(f"{CHANGES} changes in {time.monotonic() - began:.1f} s", flush=True)
    for name, asks in {"events, 50 a page": lambda: events(server), **endpoints}.items():
        print(f"{name:20} {measure(server, asks(), given.seconds / 3)} after the changes", flush=True)
    began = time.monotonic()
    told = server.ask(Ask("/_sandbox/rows/leads?fields=id,date_updated,status_id")).count(b"\n")
    print(f"truth of {told} leads in {time.monotonic() - began:.1f} s; peak memory {server.peak_megabytes():.0f} MB")
    server.stop()


if __name__ == "__main__":
    main()
