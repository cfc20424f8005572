"""The sandbox under other clients: pygsheets, google-spreadsheet for Node.js, gspread's own tests, recorded traffic.

They are large, or not ours to keep, and run where they are given: `make test-clients`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.sheets_api import SheetsSandbox, replay

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow


def given(variable: str, what: str) -> Path:
    """The folder that an environment variable names."""
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} does not name {what}")
    return Path(named).resolve()


@pytest.fixture
def google(tmp_path: Path) -> Iterator[SheetsSandbox]:
    """A sandbox with nothing in it and without tokens."""
    with SheetsSandbox(tmp_path / "state", anonymous=True) as running:
        yield running


def ran(command: list[str], **environment: str) -> str:
    """What a client's steps print; they must all hold."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pygsheets_works(google: SheetsSandbox) -> None:
    folder = given("PYGSHEETS", "a folder that pygsheets is installed in (pip install --target)")
    said = ran([sys.executable, str(HERE / "pygsheets_steps.py"), google.url], PYTHONPATH=str(folder))
    assert re.search(r"^(\d+) of \1 steps hold$", said, re.MULTILINE)


def test_google_spreadsheet_for_node_works(google: SheetsSandbox) -> None:
    folder = given("GOOGLE_SPREADSHEET", "a folder that google-spreadsheet is installed in (npm install)")
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    said = ran([node, str(HERE / "google_spreadsheet.mjs"), google.url, str(folder)])
    assert re.search(r"^(\d+) of \1 steps hold$", said, re.MULTILINE)


PLUGIN = """
import os, sys, types
from gspread.http_client import HTTPClient

vcr, errors = types.ModuleType("vcr"), types.ModuleType("vcr.errors")
vcr.VCR = types.SimpleNamespace(ensure_suffix=lambda suffix: suffix)
errors.CannotOverwriteExistingCassetteException = type("NoRecording", (Exception,), {})
sys.modules |= {"vcr": vcr, "vcr.errors": errors}
send = HTTPClient.request

def request(self, method, endpoint, *args, **kwargs):
    for google in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
        endpoint = endpoint.replace(google, os.environ["SHEETS_SANDBOX"])
    return send(self, method, endpoint, *args, **kwargs)

HTTPClient.request = request
"""
"""Sends gspread's requests to the sandbox; the recordings, which nothing reads then, are not needed."""


def test_gspreads_own_tests_pass(google: SheetsSandbox, tmp_path: Path) -> None:
    source = given("GSPREAD_SOURCE", "a checkout of gspread at the version that is installed")
    # The one that they may not open.
    for private in re.findall(
        r'private_id = "(.+)"', (source / "tests" / "client_test.py").read_text(encoding="utf-8")
    ):
        google.create_spreadsheet("Private", private, shared=False)
    tests = tmp_path / "tests"
    tests.mkdir()
    for file in (source / "tests").glob("*.py"):
        # pytest 9 refuses a mark on a fixture; without recordings it does nothing.
        text = file.read_text(encoding="utf-8").replace("@pytest.mark.vcr()\n", "\n")
        (tests / file.name).write_text(text, encoding="utf-8")
    (tmp_path / "to_sandbox.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "to_sandbox", "-p", "no:cacheprovider", "--rootdir", "."]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "SHEETS_SANDBOX": google.url}
    done = subprocess.run(
        [*command, "tests"], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment
    )
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
    print(f"gspread's own tests: {counts.get('passed', 0)} of {sum(counts.values())} pass")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert counts["passed"] > 100


def test_recorded_traffic_is_answered_as_google_did() -> None:
    folder = given("SHEETS_RECORDINGS", "a folder of recorded traffic, such as tests/cassettes of gspread")
    outcomes = list(replay.replay([folder]))
    print("\n".join(replay.summary(outcomes)))
    assert [difference for one in outcomes for difference in one.differences] == []
    assert sum(one.same for one in outcomes) > 100
