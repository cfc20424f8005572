"""``selftest --close``: one page of each list of Close, held against what the client relies on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.registry import STREAMS
from close_kpis.commands.arguments import main
from sandbox.close_api import CloseSandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Row = dict[str, Any]
OPPORTUNITY: Row = {
    "id": "oppo_1",
    "lead_id": "lead_1",
    "user_id": "user_1",
    "pipeline_id": "pipe_1",
    "status_id": "stat_1",
    "status_label": "Won",
    "status_type": "won",
    "value": 1250,
    "value_period": "one_time",
    "confidence": 100,
    "date_won": "2026-05-02",
    "date_lost": None,
    "date_created": "2026-05-01T09:00:00.000000+00:00",
    "date_updated": "2026-05-02T09:00:00.000000+00:00",
}
USER: Row = {
    "id": "user_1",
    "email": "jane@example.org",
    "first_name": "Jane",
    "last_name": "Doe",
    "date_created": "2026-05-01T09:00:00+00:00",
    "date_updated": "2026-05-01T09:00:00+00:00",
}
PERSONAL = "jane.doe@example.org"
"""Stands for what a value of the account may be, and must not be printed."""


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """An account in which nothing has happened: an organisation and its user."""
    files = {"organization": {"id": "orga_1", "name": "Young", "currency": "EUR"}, "users": USER}
    for name, row in files.items():
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def connect(set_connection: Callable[..., None]) -> Callable[[CloseSandbox], None]:
    def define(sandbox: CloseSandbox) -> None:
        set_connection("close_default", conn_type="close", host=sandbox.url, password=sandbox.api_key)

    return define


@pytest.fixture
def connected(account: Path, connect: Callable[[CloseSandbox], None]) -> Iterator[CloseSandbox]:
    with CloseSandbox(account) as sandbox:
        connect(sandbox)
        yield sandbox


def answering(sandbox: CloseSandbox, path: str, body: object) -> None:
    sandbox.faults.add("status", path, status=200, body=json.dumps(body), content_type="application/json", count=None)


def page(*rows: object, **more: object) -> Row:
    return {"data": list(rows), "has_more": False, **more}


def test_every_list_is_as_expected_and_no_value_is_told(
    close_sandbox: CloseSandbox, connect: Callable[[CloseSandbox], None], capsys: pytest.CaptureFixture[str]
) -> None:
    connect(close_sandbox)
    assert main(["selftest", "--close"]) == 0
    said = capsys.readouterr()
    assert "Every list is as the pipeline expects it." in said.out
    assert "DIFFERS" not in said.out
    assert all(f" {name} " in said.out for name in STREAMS)
    told = said.out + said.err
    assert close_sandbox.api_key not in told
    values = {row["display_name"] for row in close_sandbox.rows("leads")}
    values |= {str(row[name]) for row in close_sandbox.rows("users") for name in ("email", "last_name", "id")}
    assert len(values) > 100
    assert not [value for value in values if value in told]


def test_the_account_is_only_read_one_page_a_list(connected: CloseSandbox) -> None:
    main(["selftest", "--close"])
    calls = [(call.method, call.path) for call in connected.requests]
    assert {path for method, path in calls if method != "GET"} == {"/data/search/"}
    assert len([path for method, path in calls if method == "GET"]) == len({path for _, path in calls}) - 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": PERSONAL}, "id does not begin with oppo_ (1 of 2 rows)"),
        ({"id": 17}, "id is a int (1 of 2 rows)"),
        ({"value": PERSONAL}, "value cannot be read: value is a str (1 of 2 rows)"),
        ({"value": 12.5}, "value cannot be read: value is a float (1 of 2 rows)"),
        ({"date_won": PERSONAL}, "date_won cannot be read: date_won is a str (1 of 2 rows)"),
        ({"date_lost": 1767225600}, "date_lost cannot be read: date_lost is a int (1 of 2 rows)"),
        ({"status_label": {"name": PERSONAL}}, "status_label cannot be read: status_label is a dict (1 of 2 rows)"),
        ({"date_created": None}, "rows without date_created, by which the list is walked"),
        ({"date_created": "2026-06-01T09:00:00"}, "rows do not come newest first by date_created"),
    ],
)
def test_a_row_that_is_not_as_expected_is_told_without_its_values(
    connected: CloseSandbox, capsys: pytest.CaptureFixture[str], change: Row, told: str
) -> None:
    answering(connected, "/opportunity/", page(OPPORTUNITY, {**OPPORTUNITY, **change}))
    assert main(["selftest", "--close"]) == 1
    said = capsys.readouterr().out
    assert f"/opportunity/: {told}\n" in f"{said}\n"
    assert PERSONAL not in said
    assert said.count("DIFFERS") == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"has_more": False}, "the reply has no list under data"),
        ({"data": [OPPORTUNITY]}, "has_more is missing"),
        (page(OPPORTUNITY, has_more="no"), "has_more is a str"),
        (page(has_more=True), "has_more is true of a page without rows"),
        (page(OPPORTUNITY, PERSONAL), "1 of 2 rows are no objects"),
        (page(*[OPPORTUNITY] * 251), "_limit 250 was ignored: 251 rows"),
        (
            page({key: value for key, value in OPPORTUNITY.items() if key != "confidence"}),
            "no row has the field confidence",
        ),
        ([OPPORTUNITY], "GET /opportunity/: the reply is a JSON list, not an object"),
    ],
)
def test_a_page_that_is_not_as_expected_is_told(
    connected: CloseSandbox, capsys: pytest.CaptureFixture[str], body: object, told: str
) -> None:
    answering(connected, "/opportunity/", body)
    assert main(["selftest", "--close"]) == 1
    said = capsys.readouterr().out
    assert f"/opportunity/: {told}" in said
    assert PERSONAL not in said


def test_a_reply_that_is_cut_short_is_told_and_the_other_lists_are_read(
    connected: CloseSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    connected.faults.add("truncate", "/task/", count=None)
    assert main(["selftest", "--close"]) == 1
    said = capsys.readouterr().out
    assert "/task/: GET /task/: the reply is no JSON" in said
    assert said.count("DIFFERS") == 1


def test_the_event_log_has_a_cursor(connected: CloseSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    answering(connected, "/event/", page())
    assert main(["selftest", "--close"]) == 1
    assert "/event/: the reply has no cursor_next" in capsys.readouterr().out


def test_truth_values_and_lists_have_their_types(connected: CloseSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    field = {"id": "cf_1", "name": "Source", "type": "text", "accepts_multiple_values": "no", "is_shared": False}
    answering(connected, "/custom_field/lead/", page(field))
    assert main(["selftest", "--close"]) == 1
    assert "/custom_field/lead/: accepts_multiple_values is a str, not bool (1 of 1 rows)" in capsys.readouterr().out


@pytest.mark.parametrize(("style", "status"), [("semicolon", 0), ("comma", 0), ("none", 1)])
def test_the_rate_limit_is_told_in_a_known_form(
    account: Path,
    connect: Callable[[CloseSandbox], None],
    capsys: pytest.CaptureFixture[str],
    style: str,
    status: int,
) -> None:
    with CloseSandbox(account, rate_headers=style) as sandbox:
        connect(sandbox)
        assert main(["selftest", "--close"]) == status
    said = capsys.readouterr().out
    assert said.count("no rate-limit header in a known form") == status


@pytest.mark.parametrize("code", [402, 403])
def test_what_the_plan_or_the_role_hides_is_no_difference(
    connected: CloseSandbox, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    connected.faults.add("status", "/outcome/", status=code, count=None)
    assert main(["selftest", "--close"]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("/outcome/")]
    assert "not offered" in line


def test_a_key_that_is_refused_is_no_answer(
    connected: CloseSandbox, set_connection: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = f"{connected.api_key}x"
    set_connection("other", conn_type="close", host=connected.url, password=wrong)
    assert main(["selftest", "--close", "other"]) == 2
    said = capsys.readouterr()
    assert "put a valid API key" in said.err
    assert wrong not in said.out + said.err


def test_a_connection_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest", "--close", "nowhere"]) == 2
    assert "no connection nowhere" in capsys.readouterr().err


def test_an_account_without_rows_is_as_expected(connected: CloseSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest", "--close"]) == 0
    said = capsys.readouterr().out
    assert (said.count(" empty "), said.count(" as expected ")) == (len(STREAMS) + 2, 2)


def test_one_row_is_looked_at(connected: CloseSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    answering(connected, "/opportunity/", page(OPPORTUNITY))
    main(["selftest", "--close"])
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("/opportunity/:")] == [
        "/opportunity/: no rate-limit header in a known form"
    ]


@pytest.mark.parametrize("arguments", [[], ["--close", "--spreadsheet", "x"]])
def test_either_a_spreadsheet_or_close_is_tested(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_status:
        main(["selftest", *arguments])
    assert exit_status.value.code == 2
    assert "--close" in capsys.readouterr().err
