"""Recorded traffic replayed: what the sandbox answers as recorded, and what not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from gspread.utils import ExportFormat

from sandbox.sheets_api import replay
from tests.sandbox.sheets_api.support import area, gspread_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import requests

    from sandbox.sheets_api import SheetsSandbox

DRIVE = ["https://www.googleapis.com/auth/drive"]


def noted(response: requests.Response) -> dict[str, Any]:
    request = response.request
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    return {
        "request": {"method": request.method, "uri": request.url, "body": body, "headers": dict(request.headers)},
        "response": {
            "status": {"code": response.status_code, "message": response.reason},
            "body": {"string": response.text},
        },
    }


@pytest.fixture
def recorded(sandbox: SheetsSandbox, tmp_path: Path) -> Path:
    """Two sessions of gspread, with ids and times of their own, a refusal and a file that is not theirs."""
    exchanges: list[dict[str, Any]] = []
    client = gspread_client(sandbox, DRIVE)
    client.http_client.session.hooks["response"].append(lambda response, **_: exchanges.append(noted(response)))
    for title in ("One", "Two"):
        book = client.create(title)
        tab = book.add_worksheet("Reps", 10, 5)
        tab.update([["Ann", "=1+2"], ["2026-01-31", 0.5]], "A1", value_input_option="USER_ENTERED")
        tab.define_named_range("B1:B2", "won")
        tab.format("A1", {"textFormat": {"bold": True}})
        assert tab.get("won") == [["3"], ["0.5"]]
        with pytest.raises(Exception, match="exceeds grid limits"):
            tab.update([["x"]], "Z1")
        copy = client.copy(book.id)
        client.import_csv(copy.id, b"a,b\n1,2\n")
        assert copy.export(ExportFormat.CSV)
        assert len(client.list_spreadsheet_files()) >= 2
        client.del_spreadsheet(book.id)
    other = sandbox.create_spreadsheet("Somebody else's")
    client.open_by_key(other)
    private = sandbox.create_spreadsheet("Private", shared=False)
    with pytest.raises(PermissionError):
        client.open_by_key(private)
    path = tmp_path / "session.json"
    path.write_text(json.dumps({"version": 1, "interactions": exchanges}), encoding="utf-8")
    return path


def test_what_this_sandbox_answered_another_one_answers(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main([str(recorded)]) == 0
    said = capsys.readouterr().out.splitlines()
    asked = len(json.loads(recorded.read_text(encoding="utf-8"))["interactions"])
    assert said == [
        f"2 of 2 sessions and {asked - 1} of {asked - 1} requests are answered as recorded",
        "1 not sent: the spreadsheet was made in another session",
    ]


def _status(exchange: dict[str, Any], body: dict[str, Any]) -> None:
    exchange["response"]["status"]["code"] = 418


def _value(exchange: dict[str, Any], body: dict[str, Any]) -> None:
    body["values"][0] = ["4"]


def _name(exchange: dict[str, Any], body: dict[str, Any]) -> None:
    body["majorDimensions"] = body.pop("majorDimension")


def _length(exchange: dict[str, Any], body: dict[str, Any]) -> None:
    body["values"].append(["5"])


def _type(exchange: dict[str, Any], body: dict[str, Any]) -> None:
    body["values"][0] = [3]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_status, ["status 418, here 200"]),
        (_value, ["$.values[][]: another value"]),
        (_name, ["$.majorDimension: too much", "$.majorDimensions: missing"]),
        (_length, ["$.values: 2 instead of 3"]),
        (_type, ["$.values[][]: another type"]),
    ],
)
def test_every_other_answer_is_told(
    recorded: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[dict[str, Any], dict[str, Any]], None],
    told: list[str],
) -> None:
    content = json.loads(recorded.read_text(encoding="utf-8"))
    exchange = next(one for one in content["interactions"] if one["request"]["uri"].partition("?")[0].endswith("won"))
    body = json.loads(exchange["response"]["body"]["string"])
    damage(exchange, body)
    exchange["response"]["body"]["string"] = json.dumps(body)
    recorded.write_text(json.dumps(content), encoding="utf-8")
    assert replay.main([str(recorded.parent)]) == 1
    *differences, summary, _ = capsys.readouterr().out.splitlines()
    assert [line.split(": ", 2)[2] for line in differences] == told
    assert summary.startswith("1 of 2 sessions")


def test_a_recording_that_makes_nothing_finds_its_spreadsheet(sandbox: SheetsSandbox, tmp_path: Path) -> None:
    """As a self-test of a publish records it."""
    exchanges: list[dict[str, Any]] = []
    client = gspread_client(sandbox)
    client.http_client.session.hooks["response"].append(lambda response, **_: exchanges.append(noted(response)))
    book = client.open_by_key(sandbox.create_spreadsheet("Board"))
    book.batch_update({"requests": [{"mergeCells": {"range": area(0, 2, 0, 2)}}]})
    book.fetch_sheet_metadata()
    for one in exchanges:
        one["request"]["headers"] = {}
    path = tmp_path / "selftest.json"
    path.write_text(json.dumps({"version": 1, "interactions": exchanges}), encoding="utf-8")
    [outcome] = replay.replay([path])
    assert (outcome.requests, outcome.same, outcome.differences) == (3, 3, [])
