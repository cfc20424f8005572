"""How each step grows with the account, in a worker of bounded memory: ``make bench-scale``.

Accounts of 20 thousand to 3 million leads, each with 2 activities and 0.3 opportunities a lead, are read over HTTP from
the Close sandbox, read again after a day of changes, computed, and published to the Sheets sandbox. Each step is a
process of its own, as a task is.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmarks.document import put_section
from benchmarks.extract.changes import Day
from benchmarks.extract.processes import Run, run
from benchmarks.extract.rate import Traffic, least_seconds, traffic
from benchmarks.extract.sandbox import Sandbox
from benchmarks.measure import SETTINGS
from benchmarks.steps import step_command, step_environment
from close_kpis.lake.memory import read_size
from sandbox.demo.services import Services
from sandbox.sheets_api import SheetsSandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- scale: begin (make bench-scale) -->", "<!-- scale: end -->"
SIZES = (20_000, 200_000, 1_000_000, 3_000_000)
CHANGES = 1_000
HOURS = 4
"""After which a step is ended."""
SLOWEST = 6
"""Models of a computation that are named."""
TOO_LITTLE = "there is not enough memory"
CGROUP = Path("/sys/fs/cgroup/memory")


@dataclass(frozen=True)
class Step:
    """A step of one account.

    Attributes:
        name: what it does.
        run: what it took.
        note: what more is known of it.
    """

    name: str
    run: Run
    note: str = ""


class FailedStepError(Exception):
    """A step did not end well."""


class Worker:
    """Runs steps with a bounded memory, in a control group (version 1).

    Args:
        memory: bytes; None for no bound.
        folder: for what the steps print.
        stack: removes the control group.
    """

    def __init__(self, memory: int | None, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._group = CGROUP / f"close-kpis-bench-{os.getpid()}"
        self._memory = memory
        if memory is not None:
            self._group.mkdir()
            stack.callback(self._group.rmdir)

    def step(self, env: Mapping[str, str], *step: str) -> tuple[Run, str, str]:
        """Run a step, again with twice the memory where it says that it needs more.

        Returns:
            What it took, what it printed, and with how much it was refused.

        Raises:
            FailedStepError: it failed, or was ended for want of memory.
        """
        memory, refused = self._memory, ""
        while True:
            done, printed, errors = self._try(env, step, memory)
            if done.status == 0:
                return done, printed, refused
            if memory is None or TOO_LITTLE not in errors:
                last = " / ".join(errors.splitlines()[-3:])
                raise FailedStepError(f"{' '.join(step)} ended with status {done.status}: {last}")
            [asked] = re.findall(r"Give it ([\d.]+ [MG]B)", errors)
            refused += f"; with {memory / 1e9:g} GB it ended and asked for {asked}: {2 * memory / 1e9:g} GB here"
            memory *= 2

    def _try(self, env: Mapping[str, str], step: tuple[str, ...], memory: int | None) -> tuple[Run, str, str]:
        printed, errors = self._folder / "printed", self._folder / "errors"
        command = step_command(*step)
        if memory is not None:
            (self._group / "memory.limit_in_bytes").write_text(str(memory))
            join = f'echo $$ > {shlex.quote(str(self._group / "cgroup.procs"))}; exec "$@"'
            command = ["sh", "-ec", join, "sh", *command]
        done = run(command, printed, errors, limit=HOURS * 3600, env=env)
        return done, printed.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8", errors="replace")


def live(leads: int, worker: Worker, folder: Path) -> Iterator[Step]:
    """Yield the steps of an account."""
    until = datetime.now(UTC) - timedelta(hours=2)
    size = f"leads={leads},activities={2 * leads},opportunities={leads * 3 // 10},years=3"
    account = ["--generated", f"{size},until={until.isoformat(timespec='seconds')}"]
    with Sandbox(account, 0, folder) as close, SheetsSandbox(folder / "sheets") as sheets:
        close.turn(rate=0)
        settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
        # A pipeline that a generated account lacks.
        del settings["pipelines"]["ignore"]
        (folder / "kpis.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        services = Services(
            close.url, close.api_key, sheets.url, sheets.service_account_info(), sheets.create_spreadsheet("bench")
        )
        lake = folder / "lake"
        env = step_environment(services.connections(catalog=lake / "catalog.sqlite", data=lake / "data"))
        env["CLOSE_KPIS_SETTINGS"] = str(folder / "kpis.yaml")
        done, _, refused = worker.step(env, "sync")
        yield Step("first load", done, at_rate(traffic(close.take_requests())) + refused)
        Day(close).make(min(CHANGES, leads // 10))
        close.take_requests()
        done, _, refused = worker.step(env, "sync")
        yield Step("daily sync", done, at_rate(traffic(close.take_requests())) + refused)
        done, printed, refused = worker.step(env | {"AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG"}, "compute")
        yield Step("computation", done, slowest(printed) + refused)
        done, printed, refused = worker.step(env, "publish", "bench")
        yield Step("publish", done, re.findall(r"(\d+ requests, \d+ cells)", printed)[-1] + refused)


def at_rate(asked: Traffic) -> str:
    """Say how long a sync takes at least where Close's limits hold: as long as the slowest endpoint group."""
    seconds, longest = max((least_seconds(count, group), group) for group, count in asked.groups.items())
    return f"{asked.requests:,} requests: at Close's rate {seconds / 60:.1f} min at least, for {longest}"


def slowest(printed: str) -> str:
    """Name the models that took longest."""
    found = re.findall(r"((?:staging|kpis)/\w+): ([\d.]+) s", printed)
    times = sorted(((float(seconds), name) for name, seconds in found), reverse=True)
    named = ", ".join(f"{name.partition('/')[2]} {seconds:.1f} s" for seconds, name in times[:SLOWEST])
    return f"models {sum(seconds for seconds, _ in times):.1f} s: {named}"


def section(found: Mapping[int, Sequence[Step]], memory: str, command: str) -> str:
    """Return the benchmark's section of the document."""
    lines = [
        "## Accounts of 20 thousand to 3 million leads",
        "",
        f"`{command}`: 2 activities and 0.3 opportunities a lead in three years, over HTTP from the Close sandbox "
        f"without delay and limits; {CHANGES:,} changes before the daily sync; {os.cpu_count()} cores. Each step is a "
        f"process of its own, {f'in a control group of {memory}' if memory else 'with as much memory as it likes'}. "
        "Growth is beside the account before. Peak memory is what was resident, pages of files included, which the "
        "kernel takes back and a control group need not count.",
        "",
        "| leads | step | seconds | CPU seconds | peak memory | growth of leads / seconds / CPU / memory | |",
        "|---|---|---|---|---|---|---|",
    ]
    before: dict[str, tuple[int, Run]] = {}
    for leads, steps in found.items():
        for step in steps:
            growth = ""
            if step.name in before:
                fewer, then = before[step.name]
                ratios = (
                    leads / fewer,
                    step.run.seconds / then.seconds,
                    step.run.cpu_seconds / then.cpu_seconds,
                    step.run.peak_mb / then.peak_mb,
                )
                growth = " / ".join(f"{ratio:.2g}" for ratio in ratios)
            before[step.name] = leads, step.run
            lines.append(
                f"| {leads:,} | {step.name} | {step.run.seconds:.0f} | {step.run.cpu_seconds:.0f} "
                f"| {step.run.peak_mb:.0f} MB | {growth} | {step.note} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the section with ``--write``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="leads of the accounts, with commas")
    parser.add_argument("--memory", default="1GB", help="of a step; empty for no bound (1GB)")
    parser.add_argument("--write", action="store_true", help="write the result to docs/benchmarks.md")
    given = parser.parse_args()
    memory = read_size(given.memory) if given.memory else None
    if given.memory and memory is None:
        parser.error(f"--memory {given.memory}: write a size such as 1GB")
    found: dict[int, list[Step]] = {}
    for leads in map(int, given.sizes.split(",")):
        found[leads] = []
        with tempfile.TemporaryDirectory(prefix="bench-scale-") as name, ExitStack() as stack:
            for step in live(leads, Worker(memory, Path(name), stack), Path(name)):
                found[leads].append(step)
                print(f"{leads:,} leads, {step.name}: {step.run}; {step.note}", flush=True)
    asked = "make bench-scale" + ("" if given.sizes == parser.get_default("sizes") else f" SIZES={given.sizes}")
    text = section(found, given.memory, asked)
    print(text)
    if given.write:
        put_section(DOCUMENT, BEGIN, END, text)


if __name__ == "__main__":
    main()
