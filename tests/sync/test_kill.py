"""A first load or a sync that is killed, at any moment, and run again ends with the account's rows.

`TEST_KILLS=50` kills at so many random moments instead of a few, and as many while computations run beside.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from close_kpis.kpis.compute import compute
from close_kpis.lake.config import LakeConfig
from close_kpis.paths import INCLUDE
from tests.sync.test_complete import account_state, computed_state, settings_file
from tests.sync.truth import assert_equal_to_account, lake_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sync.conftest import Pipeline

__all__ = ["settings_file"]

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("TEST_KILLS", "2"))
IS_COMPUTED_BESIDE = [False, True] if "TEST_KILLS" in os.environ else [True]
SEED = 20260615

LOAD = """
import sys
from datetime import datetime
from close_kpis.close.client import ClientConfig
from close_kpis.close.registry import stream_names
from close_kpis.lake.config import LakeConfig
from close_kpis.sync.complete import complete_sync
from close_kpis.sync.extraction import Extraction
from close_kpis.sync.start import start_sync
from close_kpis.sync.stream import sync_streams
url, key, catalog, data, as_of, *streams = sys.argv[1:]
lake = LakeConfig(catalog, data)
extraction = Extraction(ClientConfig(key, url), lake, batch_rows=100, streams=stream_names())
sync_streams(extraction, datetime.fromisoformat(as_of) if as_of else start_sync(extraction), streams)
if not streams:
    complete_sync(extraction)
"""

COMPUTE = """
import select
import sys
from pathlib import Path
from close_kpis.kpis.checks import GateError
from close_kpis.kpis.compute import compute
from close_kpis.lake.config import LakeConfig
catalog, data, settings = sys.argv[1:]
while not select.select([sys.stdin], [], [], 0)[0]:
    try:
        compute(LakeConfig(catalog, data), settings_file=Path(settings))
    except GateError as error:
        assert "run the DAG close_sync to its end" in str(error), error
"""
"""Computes until its input is closed; only a lake that was never read to the end may have no numbers."""


def start_load(pipeline: Pipeline, as_of: str = "", *streams: str) -> subprocess.Popen[bytes]:
    root = INCLUDE.parent
    lake = pipeline.extraction.lake
    arguments = [pipeline.sandbox.url, pipeline.sandbox.api_key, lake.catalog, lake.data_path, as_of, *streams]
    return subprocess.Popen(
        [sys.executable, "-c", LOAD, *arguments], cwd=root, env={**os.environ, "PYTHONPATH": str(root / "plugins")}
    )


@contextmanager
def computations(pipeline: Pipeline, settings_file: Path) -> Iterator[None]:
    """Compute again and again in a process beside; none of the computations may fail."""
    lake = pipeline.extraction.lake
    process = subprocess.Popen(
        [sys.executable, "-c", COMPUTE, lake.catalog, lake.data_path, str(settings_file)],
        env={**os.environ, "PYTHONPATH": str(INCLUDE.parent / "plugins")},
        stdin=subprocess.PIPE,
    )
    try:
        yield
    finally:
        process.communicate()
    assert process.returncode == 0


def kill_after(pipeline: Pipeline, process: subprocess.Popen[bytes], requests: int, seconds: float) -> None:
    """Kill -9 some time after the load has sent a number of requests, or let it end if it was faster."""
    while pipeline.sandbox.requests.count("/activity/call/") < requests and process.poll() is None:
        time.sleep(0.002)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_load_goes_on_where_it_was(pipeline: Pipeline) -> None:
    as_of = pipeline.start().isoformat()
    for requests, seconds in ((1, 0.0), (4, 0.05), (7, 0.2)):
        pipeline.sandbox.requests.clear()
        kill_after(pipeline, start_load(pipeline, as_of, "calls"), requests, seconds)
    assert start_load(pipeline, as_of, "calls").wait() == 0
    with pipeline.lake() as con:
        assert_equal_to_account(con, pipeline.sandbox, ["calls"])
        assert con.execute("select count(*) from sync.loads").fetchall() == [(0,)]


@pytest.mark.parametrize("stored_batches", [1, 2])
def test_what_was_stored_is_not_read_again(pipeline: Pipeline, stored_batches: int) -> None:
    as_of = pipeline.start()
    pipeline.extraction = replace(pipeline.extraction, batch_rows=100)
    pipeline.sandbox.faults.add("unauthorized", "/activity/call/", after=2 + stored_batches, count=1)
    with pytest.raises(Exception, match="401"):
        pipeline.stream("calls", as_of)
    with pipeline.lake() as con:
        stored = len(lake_rows(con, "calls"))
    assert stored > 0
    whole = pipeline.stream("calls", as_of)
    assert whole["inserted"] == 700 - stored
    with pipeline.lake() as con:
        assert_equal_to_account(con, pipeline.sandbox, ["calls"])


@pytest.mark.timeout(max(600, 60 * KILLS))
@pytest.mark.parametrize("is_computed_beside", IS_COMPUTED_BESIDE)
def test_whatever_moment_a_sync_is_killed_at_the_next_one_leaves_the_accounts_rows(
    pipeline: Pipeline, settings_file: Path, tmp_path: Path, is_computed_beside: bool
) -> None:
    dice = random.Random(SEED)
    seconds = {True: measured(pipeline), False: measured(pipeline)}
    killed: list[float] = []
    for attempt in itertools.count():
        if len(killed) == KILLS:
            break
        is_first = attempt % 4 == 0
        if is_first:
            pipeline.extraction = replace(
                pipeline.extraction, lake=LakeConfig(f"sqlite:{tmp_path}/{attempt}.sqlite", f"{tmp_path}/{attempt}")
            )
        change(pipeline, attempt)
        moment = dice.uniform(0, seconds[is_first])
        with computations(pipeline, settings_file) if is_computed_beside else nullcontext():
            began = time.monotonic()
            process = start_load(pipeline)
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                killed.append(moment)
            else:
                seconds[is_first] = time.monotonic() - began
            process.kill()
            process.wait()
            assert start_load(pipeline).wait() == 0
        with pipeline.lake() as con:
            assert_equal_to_account(con, pipeline.sandbox)
        done = compute(pipeline.extraction.lake, settings_file=settings_file)
        assert computed_state(pipeline, done) == account_state(pipeline.sandbox)
    print(
        f"\n{len(killed)} killed at random moments of a first sync ({seconds[True]:.1f} s) or a later one "
        f"({seconds[False]:.1f} s), seed {SEED}: 0 differences"
    )


def measured(pipeline: Pipeline) -> float:
    """Return the seconds of a sync that nobody disturbs."""
    began = time.monotonic()
    assert start_load(pipeline).wait() == 0
    return time.monotonic() - began


def change(pipeline: Pipeline, number: int) -> None:
    """Let some things happen in Close."""
    writer = pipeline.sandbox.writer
    lead = writer.create("leads", {"name": f"New {number}", "status_id": "stat_potential"})
    writer.create("activities", {"_type": "Call", "lead_id": lead["id"], "direction": "outbound"})
    writer.update("activities", f"acti_Call_{300 + number}", {"duration": number})
    writer.update("opportunities", f"oppo_{100 + number}", {"value": number})
    writer.delete("activities", f"acti_Email_{number}")
    writer.merge(f"lead_{100 + number}", lead["id"])
