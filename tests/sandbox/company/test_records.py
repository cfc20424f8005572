from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sandbox.records import lay_out
from tests.sandbox.company.account import Folder

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]
EARLIER, LATER = "2024-05-01T10:00:00+00:00", "2024-05-02T10:00:00.500000+00:00"


def record(folder: Path, stream: str, *rows: Row) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{stream}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "recorded"
    record(
        folder,
        "leads",
        {"id": "lead_1", "status_label": "Potential", "date_updated": EARLIER},
        {"id": "lead_2", "status_label": "Customer", "date_updated": EARLIER, "created_by": "user_gone"},
        {"id": "lead_1", "status_label": "Qualified", "date_updated": LATER},
        {"id": "lead_2", "status_label": "Potential", "date_updated": "2024-04-30T10:00:00+00:00"},
    )
    record(folder, "users", {"id": "user_1", "last_used_timezone": "Europe/Berlin", "date_updated": EARLIER})
    labels = ("Potential", "Customer", "Canceled", "Bad Fit", "Not Interested", "Qualified", "Trial started")
    record(folder, "lead_statuses", *({"id": f"stat_{n}", "label": label} for n, label in enumerate(labels)))
    record(folder, "pipelines", {"id": "pipe_1", "name": "Sales", "statuses": [], "date_updated": EARLIER[:19]})
    record(
        folder,
        "opportunity_statuses",
        {"id": "stat_won", "label": "Won", "type": "won", "pipeline_id": "pipe_1"},
        {"id": "stat_old", "label": "Lost", "type": "lost", "pipeline_id": "pipe_gone"},
    )
    record(
        folder,
        "opportunities",
        {"id": "oppo_1", "value_currency": "EUR", "user_id": "user_2", "user_name": "Ann Marie Lee"},
    )
    record(folder, "call_activities", {"id": "acti_1", "_type": "Call", "user_id": None, "date_updated": EARLIER})
    record(folder, "meeting_activities", {"id": "acti_2", "date_updated": EARLIER, "status": "upcoming"})
    record(folder, "custom_activities", {"id": "actitype_1", "name": "Visit", "fields": []})
    fields = ({"id": "cf_1", "name": "Lead Source", "type": "text"}, {"id": "cf_2", "name": "AE", "type": "user"})
    record(folder, "lead_custom_fields", *fields)
    record(folder, "activity_custom_fields", {"id": "cf_3", "name": "Result", "type": "text"})
    record(folder, "lead_tasks", {"id": "task_1", "_type": "lead", "date_updated": EARLIER})
    record(folder, "events", {"id": "ev_1", "date_updated": EARLIER[:19]})
    record(folder, "connected_accounts", {"id": "emailacct_1"})
    return folder


@pytest.fixture
def account(source: Path, tmp_path: Path) -> Folder:
    lay_out(source, tmp_path / "account")
    return Folder(tmp_path / "account")


def test_newest_version_of_a_row_is_kept_once(account: Folder) -> None:
    assert [(row["id"], row["status_label"]) for row in account["leads"]] == [
        ("lead_1", "Qualified"),
        ("lead_2", "Customer"),
    ]


def test_repeated_rows_are_counted(source: Path, tmp_path: Path) -> None:
    assert lay_out(source, tmp_path / "account")["repeated"] == 2


def test_activities_lie_in_one_file_and_know_their_type(account: Folder) -> None:
    assert {row["id"]: row["_type"] for row in account["activities"]} == {"acti_1": "Call", "acti_2": "Meeting"}


def test_custom_activities_are_the_types(account: Folder) -> None:
    assert [row["name"] for row in account["custom_activity_types"]] == ["Visit"]


def test_custom_fields_know_their_object(account: Folder) -> None:
    assert {row["id"]: row["object_type"] for row in account["custom_fields"]} == {
        "cf_1": "lead",
        "cf_2": "lead",
        "cf_3": "activity",
    }


def test_opportunity_statuses_lie_in_their_pipelines(account: Folder) -> None:
    listed = {row["id"]: [status["label"] for status in row["statuses"]] for row in account["pipelines"]}
    assert listed == {"pipe_1": ["Won"], "pipe_gone": ["Lost"]}
    assert not (account.path / "opportunity_statuses.jsonl").exists()


def test_people_whom_only_rows_name_have_left(account: Folder) -> None:
    left = {row["id"]: (row["first_name"], row["last_name"]) for row in account["users"] if "is_active" in row}
    assert left == {"user_gone": ("Departed", "user"), "user_2": ("Ann", "Marie Lee")}


def test_unknown_streams_are_left_out(account: Folder) -> None:
    assert not (account.path / "connected_accounts.jsonl").exists()


def test_settings_name_only_what_the_account_has(account: Folder) -> None:
    settings = yaml.safe_load((account.path / "kpis.yaml").read_text(encoding="utf-8"))
    assert settings == {
        "timezone": "Europe/Berlin",
        "lead_statuses": {
            "trial": ["Trial started"],
            "customer": ["Customer"],
            "churned": ["Canceled"],
            "lost": ["Bad Fit", "Not Interested"],
        },
        "pipelines": {"new": ["pipe_1", "pipe_gone"]},
        "source_field": "cf_1",
        "owner_field": "cf_2",
        "currency": "EUR",
    }


def test_account_without_a_trial_status_has_no_trial_role(source: Path, tmp_path: Path) -> None:
    record(source, "lead_statuses", {"id": "stat_1", "label": "Customer"}, {"id": "stat_2", "label": "Industrial"})
    record(source, "lead_custom_fields", {"id": "cf_9", "name": "Resource", "type": "text"})
    lay_out(source, tmp_path / "account")
    settings = yaml.safe_load((tmp_path / "account" / "kpis.yaml").read_text(encoding="utf-8"))
    assert settings["lead_statuses"] == {"customer": ["Customer"]}
    assert "source_field" not in settings


def test_folder_without_recordings_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{tmp_path} has no recorded stream; expected .* leads"):
        lay_out(tmp_path, tmp_path / "account")
