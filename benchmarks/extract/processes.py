"""Running a program and measuring it."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SAMPLE_SECONDS = 0.05
END_SECONDS = 10.0


@dataclass(frozen=True)
class Run:
    """A program's run.

    Attributes:
        seconds: from start to end.
        peak_mb: the largest sum of resident memory of the process and its children, in 10^6 bytes.
        cpu_seconds: processor time of the process.
        status: exit status; None where the time was up before its end.
    """

    seconds: float
    peak_mb: float
    cpu_seconds: float
    status: int | None


def run(
    command: Sequence[str], output: Path, errors: Path, *, limit: float, env: Mapping[str, str] | None = None
) -> Run:
    """Run a program to its end, or for ``limit`` seconds.

    Args:
        command: the program and its arguments.
        output: file that receives its standard output.
        errors: file that receives its standard error.
        limit: seconds.
        env: its environment; None for this process's.
    """
    with output.open("wb") as out, errors.open("wb") as err:
        began = time.monotonic()
        process = psutil.Popen(command, stdout=out, stderr=err, env=env)
        peak, cpu = 0, 0.0
        while process.poll() is None and time.monotonic() - began < limit:
            try:
                cpu = sum(process.cpu_times()[:2])
                peak = max(peak, _resident(process))
            except psutil.NoSuchProcess:
                continue
            time.sleep(SAMPLE_SECONDS)
        seconds = time.monotonic() - began
        status = process.poll()
        if status is None:
            _end(process)
    return Run(seconds, peak / 1e6, cpu, status)


def _resident(process: psutil.Process) -> int:
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))


def _end(process: psutil.Popen) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        process.kill()
        process.wait()
