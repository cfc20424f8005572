"""The state folder, and the sandbox as a process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.sheets_api import SheetsSandbox
from tests.sandbox.sheets_api.support import Book, gspread_client, http
from tests.sandbox.sheets_api.workbook import workbook_requests

ROOT = Path(__file__).parents[3]


def test_a_restart_continues_with_the_same_spreadsheets_and_key(tmp_path: Path) -> None:
    with SheetsSandbox(tmp_path, anonymous=True) as first:
        key = first.create_spreadsheet("Close KPIs")
        Book(first, key).apply(*workbook_requests())
        before, secret = first.spreadsheet(key), first.service_account_info()["private_key"]
    with SheetsSandbox(tmp_path) as second:
        assert second.spreadsheet(key) == before
        assert second.service_account_info()["private_key"] == secret
        assert gspread_client(second).open_by_key(key).title == "Close KPIs"


def test_a_commit_replaces_the_file_whole(tmp_path: Path) -> None:
    with SheetsSandbox(tmp_path, anonymous=True) as sandbox:
        key = sandbox.create_spreadsheet("Close KPIs")
        Book(sandbox, key).write([1, "x"])
        stored = json.loads((tmp_path / "spreadsheets" / f"{key}.json").read_text())
        assert stored["revision"] == 2
        assert not list(tmp_path.glob("**/*.tmp"))


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    with SheetsSandbox(tmp_path, anonymous=True) as sandbox:
        key = sandbox.create_spreadsheet("Close KPIs")
        Book(sandbox, key).write([1, "x"])
    path = tmp_path / "spreadsheets" / f"{key}.json"
    stored = json.loads(path.read_text())
    for name in ("filter_views", "slicers", "tables"):
        del stored["sheets"][0][name]
    path.write_text(json.dumps(stored))
    with SheetsSandbox(tmp_path, anonymous=True) as sandbox:
        assert Book(sandbox, key).cell(0, 1)["formattedValue"] == "x"


def test_an_id_may_be_chosen_once(tmp_path: Path) -> None:
    with SheetsSandbox(tmp_path) as sandbox:
        assert sandbox.create_spreadsheet("A", "kpis-2026") == "kpis-2026"
        with pytest.raises(ValueError, match="already"):
            sandbox.create_spreadsheet("B", "kpis-2026")
        with pytest.raises(ValueError, match="not a spreadsheet id"):
            sandbox.create_spreadsheet("C", "../etc")


def test_drive_creates_lists_copies_and_deletes(tmp_path: Path) -> None:
    with SheetsSandbox(tmp_path) as sandbox:
        client = gspread_client(sandbox, ["https://www.googleapis.com/auth/drive"])
        made = client.create("Close KPIs")
        made.sheet1.update([["x"]], "A1")
        assert client.open("Close KPIs").id == made.id
        copied = client.copy(made.id, title="Second")
        assert copied.sheet1.acell("A1").value == "x"
        client.del_spreadsheet(made.id)
        assert [item["name"] for item in client.list_spreadsheet_files()] == ["Second"]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_process_announces_its_port_and_ends_on_a_signal(tmp_path: Path, ending: signal.Signals) -> None:
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "sandbox.sheets_api", "--state", str(tmp_path / "state")]
    command += ["--port-file", str(port_file), "--spreadsheet", "kpis:Close KPIs", "--anonymous"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while not port_file.exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        answer = http.get(f"http://127.0.0.1:{port_file.read_text()}/v4/spreadsheets/kpis", timeout=20)
        assert answer.json()["properties"]["title"] == "Close KPIs"
        process.send_signal(ending)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
