"""The sandbox as a program, controlled over HTTP, with state that outlives it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from sandbox.close_api import CloseSandbox
from tests.sandbox.close_api.small_account import ACCOUNT, NOW, client_of, write_account

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start the program and return its process and address."""
    account = write_account(tmp_path / "account", **ACCOUNT)
    port_file = tmp_path / "run" / "port"
    command = [sys.executable, "-m", "sandbox.close_api", "--account", str(account)]
    command += ["--port-file", str(port_file), "--api-key", "api_k", "--as-of", NOW.isoformat(), "--rate", "5000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not port_file.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process, f"http://127.0.0.1:{int(port_file.read_text())}"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_program_serves_until_it_is_told_to_stop(program, number):
    process, url = program
    reply = httpx.get(f"{url}/api/v1/me/", auth=("api_k", ""))
    assert (reply.status_code, reply.headers["ratelimit-limit"]) == (200, "5000")
    process.send_signal(number)
    assert process.wait(10) == 0


def test_writer_and_faults_work_from_another_process(program):
    _, url = program
    api = httpx.Client(base_url=f"{url}/api/v1", auth=("api_k", ""), verify=False)
    control = httpx.Client(base_url=f"{url}/_sandbox", verify=False)
    assert control.get("/health").json()["rows"]["leads"] == 2

    body = {"action": "create", "resource": "leads", "data": {"name": "Gamma"}, "by": "user_bob"}
    made = control.post("/writer", json=body).json()
    control.post("/writer", json={"action": "update", "resource": "leads", "id": made["id"], "data": {"name": "G"}})
    assert api.get(f"/lead/{made['id']}/").json()["name"] == "G"
    control.post("/writer", json={"action": "merge", "source": "lead_a", "destination": made["id"]})
    assert api.get("/lead/lead_a/").status_code == 404
    control.post("/writer", json={"action": "delete", "resource": "leads", "id": made["id"]})
    assert api.get(f"/lead/{made['id']}/").status_code == 404
    refused = control.post("/writer", json={"action": "update", "resource": "leads", "id": "lead_x", "data": {}})
    assert refused.status_code == 404
    assert control.post("/writer", json={"action": "paint"}).status_code == 400

    control.post("/faults", json={"kind": "status", "path": "/me/", "status": 500})
    assert control.get("/faults").json()[0]["status"] == 500
    assert api.get("/me/").status_code == 500
    assert control.post("/faults", json={"kind": "explode"}).status_code == 400

    assert [one["status"] for one in control.get("/requests").json()][-1] == 500
    assert control.delete("/requests").json() == []
    now = control.post("/clock", json={"set": "2026-07-01T00:00:00Z", "advance": 3600}).json()["now"]
    assert now.startswith("2026-07-01T01:00:0")


def test_knobs_turn_while_it_runs(tmp_path):
    with CloseSandbox(write_account(tmp_path, **ACCOUNT)) as sandbox, client_of(sandbox) as client:
        assert client.post(f"{sandbox.url}/_sandbox/knobs", json={"rate": 1}).status_code == 200
        assert [client.get("/me/").status_code for _ in range(2)] == [200, 429]
        refused = client.post(f"{sandbox.url}/_sandbox/knobs", json={"rates": 1})
    assert refused.status_code == 400
    assert "no knob rates: there are api_key, rate, " in refused.text


def test_state_goes_on_after_a_restart(tmp_path):
    account = write_account(tmp_path / "account", **ACCOUNT)
    state = tmp_path / "state"
    with CloseSandbox(account, state=state, as_of=NOW) as first:
        made = first.writer.create("leads", {"name": "Gamma"})
        first.writer.update("leads", "lead_b", {"status_id": "stat_trial"})
        first.writer.delete("opportunities", "oppo_a")
        with client_of(first) as client:
            log = client.get("/event/").json()["data"]
    with CloseSandbox(account, state=state, as_of=NOW) as second, client_of(second) as client:
        assert client.get(f"/lead/{made['id']}/").json()["name"] == "Gamma"
        assert client.get("/lead/lead_b/").json()["status_label"] == "Trial"
        assert client.get("/opportunity/oppo_a/").status_code == 404
        assert client.get("/event/").json()["data"] == log


def test_kill_in_the_middle_of_a_write_loses_that_write_only(tmp_path):
    account = write_account(tmp_path / "account", **ACCOUNT)
    state = tmp_path / "state"
    CloseSandbox(account, state=state).writer.update("leads", "lead_a", {"name": "One"})
    with (state / "changes.jsonl").open("a") as journal:
        journal.write('{"resource": "leads", "row": {"id": "lead_a", "na')
    second = CloseSandbox(account, state=state)
    assert second.account["leads"].rows["lead_a"]["name"] == "One"
    second.writer.update("leads", "lead_b", {"name": "Two"})
    assert CloseSandbox(account, state=state).account["leads"].rows["lead_b"]["name"] == "Two"


def test_without_state_the_account_is_as_it_was(tmp_path):
    account = write_account(tmp_path / "account", **ACCOUNT)
    CloseSandbox(account).writer.delete("leads", "lead_a")
    assert CloseSandbox(account).account["leads"].get("lead_a") is not None
