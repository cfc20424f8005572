"""``selftest``: a publish tried on a spreadsheet, against the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.commands.arguments import main
from sandbox.sheets_api.replay import replay
from tests.workbook.conftest import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.sheets_api import SheetsSandbox


@pytest.fixture
def connected(sheets_sandbox: SheetsSandbox, monkeypatch: pytest.MonkeyPatch) -> SheetsSandbox:
    info = sheets_sandbox.service_account_info()
    extra = {"keyfile_dict": json.dumps(info), "api_endpoint": sheets_sandbox.url, "num_retries": 1}
    said = json.dumps({"conn_type": "google_cloud_platform", "extra": extra})
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT", said)
    return sheets_sandbox


def held(sandbox: SheetsSandbox, spreadsheet: str) -> list[dict[str, Any]]:
    return [{**sheet["properties"], "sheetId": 0} for sheet in sandbox.spreadsheet(spreadsheet)["sheets"]]


@pytest.mark.parametrize("has_work", [False, True])
def test_all_steps_hold_and_nothing_stays_behind(
    connected: SheetsSandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path, has_work: bool
) -> None:
    spreadsheet = connected.create_spreadsheet("Board")
    if has_work:
        client_of(connected).batch_update(
            spreadsheet, {"requests": [{"addSheet": {"properties": {"title": "Forecast"}}}]}
        )
    before = held(connected, spreadsheet)
    record = tmp_path / "traffic.json"
    assert main(["selftest", "--spreadsheet", spreadsheet, "--record", str(record)]) == 0
    assert held(connected, spreadsheet) == before
    said = capsys.readouterr().out
    assert "FAILED" not in said
    assert "addConditionalFormatRule 4" in said
    assert "refused" not in said
    recorded = json.loads(record.read_text(encoding="utf-8"))
    assert {one["response"]["status"]["code"] for one in recorded["interactions"]} <= {200, 400}
    key = connected.service_account_info()["private_key"]
    assert key[40:80] not in record.read_text(encoding="utf-8")
    assert "Bearer" not in record.read_text(encoding="utf-8")
    if not has_work:
        # Another sandbox answers the same, as it does where the real Google was recorded and is like it.
        [outcome] = replay([record])
        assert (outcome.differences, outcome.same) == ([], len(recorded["interactions"]))


def test_what_google_refuses_is_told_in_its_words(connected: SheetsSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    spreadsheet = connected.create_spreadsheet("Board")
    before = held(connected, spreadsheet)
    message = "Invalid requests[7].addChart: no such chart"
    connected.faults.add("status", method="POST", path=":batchUpdate", status=400, message=message)
    assert main(["selftest", "--spreadsheet", spreadsheet]) == 1
    said = capsys.readouterr().out
    assert f"refused: 400 {message}" in said
    assert "FAILED: a first publish" in said
    assert held(connected, spreadsheet) == before


def test_the_tabs_stay_where_that_is_asked_for_and_are_not_written_over(
    connected: SheetsSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    spreadsheet = connected.create_spreadsheet("Board")
    assert main(["selftest", "--spreadsheet", spreadsheet, "--keep"]) == 0
    assert len(held(connected, spreadsheet)) == 2
    assert main(["selftest", "--spreadsheet", spreadsheet]) == 2
    assert "delete what an earlier self-test left" in capsys.readouterr().err


def test_a_spreadsheet_that_is_not_there_is_an_error(
    connected: SheetsSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["selftest", "--spreadsheet", "no-such-spreadsheet"]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main(["selftest", "--spreadsheet", "two words"]) == 2
    assert "neither the id nor the address" in capsys.readouterr().err
