"""``--account``: which of several accounts a command asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.accounts import Account
from close_kpis.commands import arguments
from close_kpis.commands.arguments import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two accounts, with their settings in a folder."""
    monkeypatch.setattr(arguments, "ACCOUNTS", (Account("emea"), Account("us")))
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(tmp_path))
    (tmp_path / "emea.yaml").write_text("timezone: Europe/Berlin\n", encoding="utf-8")
    (tmp_path / "us.yaml").write_text("timezone: UTC\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ["explain", "growth", "2026-05", "total_customers"],
        ["agreement", "2026-05"],
        ["digest"],
        ["doctor"],
        ["check-settings"],
        ["preview"],
        ["selftest", "--close"],
        ["lake", "create"],
        ["lake", "restore"],
    ],
)
def test_an_account_has_to_be_named(command: list[str], accounts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ([], ["--account", "apac"]):
        with pytest.raises(SystemExit, match="2"):
            main([*command, *wrong])
        assert "--account" in capsys.readouterr().err


def test_settings_are_those_of_the_account(accounts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-settings", "--offline", "--account", "emea"]) == 0
    assert f"{accounts}/emea.yaml: every key and value is possible" in capsys.readouterr().out
    (accounts / "us.yaml").write_text("timezone: Mars\n", encoding="utf-8")
    assert main(["check-settings", "--offline", "--account", "us"]) == 1
    assert "us.yaml, line 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (["explain", "growth", "2026-05", "total_customers"], "lake_us"),
        (["preview"], "lake_us"),
        (["lake", "create"], "lake_us"),
        (["selftest", "--close"], "close_us"),
        (["selftest", "--spreadsheet", "1" * 44], "google_sheets_us"),
    ],
)
def test_connections_are_those_of_the_account(
    command: list[str],
    missing: str,
    accounts: Path,
    set_connection: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*command, "--account", "us"]) == 2
    assert f"Airflow has no connection {missing}:" in capsys.readouterr().err


def test_the_only_account_has_no_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["preview", "--account", "emea"])
    assert "unrecognized arguments: --account emea" in capsys.readouterr().err
