"""A first load that is killed, at any point, and run again ends with the account's rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from close_kpis.paths import INCLUDE
from tests.close.truth import assert_equal_to_account, lake_rows

if TYPE_CHECKING:
    from tests.close.conftest import Pipeline

LOAD = """
import sys
from datetime import datetime
from close_kpis.close.client import ClientConfig
from close_kpis.lake.connection import LakeConfig
from close_kpis.pipeline import extract
url, key, catalog, data, as_of = sys.argv[1:]
extraction = extract.Extraction(ClientConfig(key, url), LakeConfig(catalog, data), batch_rows=100)
extract.sync(extraction, datetime.fromisoformat(as_of), ["calls"])
"""


def start_load(pipeline: Pipeline, as_of: str) -> subprocess.Popen[bytes]:
    root = INCLUDE.parent
    lake = pipeline.extraction.lake
    arguments = [pipeline.sandbox.url, pipeline.sandbox.api_key, lake.catalog, lake.data_path, as_of]
    return subprocess.Popen(
        [sys.executable, "-c", LOAD, *arguments], cwd=root, env={**os.environ, "PYTHONPATH": str(root / "plugins")}
    )


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
        kill_after(pipeline, start_load(pipeline, as_of), requests, seconds)
    assert start_load(pipeline, as_of).wait() == 0
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
