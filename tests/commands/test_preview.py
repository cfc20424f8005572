"""``preview``: the workbook of a lake as a page and an Excel file, without Google."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from close_kpis.commands import preview
from close_kpis.commands.arguments import main
from tests.kpis.small_account import SmallAccount
from tests.kpis.test_compute import tell_a_story

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def account(tmp_path: Path) -> SmallAccount:
    account = SmallAccount(tmp_path / "account")
    tell_a_story(account, later=True)
    return account.run()


def run(account: SmallAccount, out: Path) -> int:
    return main([
        "preview",
        "--lake",
        str(account.folder),
        "--settings",
        str(account.settings_file()),
        "--out",
        str(out),
    ])


def test_the_workbook_is_written_as_a_page_and_an_excel_file(
    account: SmallAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(account, tmp_path / "out") == 0
    assert [line.rpartition("/")[2] for line in capsys.readouterr().out.split()] == ["workbook.html", "workbook.xlsx"]
    page = (tmp_path / "out" / "workbook.html").read_text(encoding="utf-8")
    assert "Total customers" in page
    sheet = openpyxl.load_workbook(tmp_path / "out" / "workbook.xlsx", data_only=True)["Growth"]
    shown = {cell.value for [cell] in sheet["C5:C40"]}
    counted = account.table("select total_customers from kpi.growth_monthly where total_customers > 0")
    assert counted
    assert {row["total_customers"] for row in counted} <= shown


def test_without_the_extra_it_says_what_is_missing(
    account: SmallAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preview, "OPTIONAL", "sandbox_that_is_not_there")
    assert run(account, tmp_path / "out") == 2
    assert "run this in a clone of the project" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
