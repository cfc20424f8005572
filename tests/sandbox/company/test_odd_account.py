from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.sandbox.company.account import Folder

ODD_ACCOUNT = Path(__file__).parents[2] / "fixtures" / "odd_account"
NOT_ROWS = {"user_removedForGood", "lead_mergedAway", "lead_unknownToAll"}


@pytest.fixture(scope="module")
def account() -> Folder:
    return Folder(ODD_ACCOUNT)


def test_readme_speaks_of_rows_that_exist(account: Folder) -> None:
    readme = (ODD_ACCOUNT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:user|lead|oppo|acti)_\w+)`", readme)) - {"lead_statuses"}
    existing = set().union(*account.ids.values()) | NOT_ROWS
    assert len(named) > 40
    assert named - existing == set()
    assert not NOT_ROWS & set().union(*account.ids.values())


def test_every_unusual_row_is_explained(account: Folder) -> None:
    readme = (ODD_ACCOUNT / "README.md").read_text(encoding="utf-8")
    for resource in ("leads", "opportunities"):
        for row in account[resource]:
            plain = row["id"].rstrip("123")
            assert plain in readme or row["id"] in {"oppo_noCustomer", "oppo_reopened", "oppo_open"}, row["id"]


def test_settings_name_what_the_account_has(account: Folder) -> None:
    settings = yaml.safe_load((ODD_ACCOUNT / "kpis.yaml").read_text(encoding="utf-8"))
    labels = {row["label"] for row in account["lead_statuses"]}
    assert {label for role in settings["lead_statuses"].values() for label in role} <= labels
    assert {name for role in settings["pipelines"].values() for name in role} == {
        row["name"] for row in account["pipelines"]
    }
    fields = {row["id"] for row in account["custom_fields"]} | {row["name"] for row in account["custom_fields"]}
    assert {settings["source_field"], settings["owner_field"]} <= fields


def test_ids_occur_once(account: Folder) -> None:
    for resource, rows in account.rows.items():
        assert len(account.ids[resource]) == len(rows), resource
