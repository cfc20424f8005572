"""Two accounts never publish to one spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_kpis.accounts import Account
from close_kpis.publishing.ownership import require_own_spreadsheet
from close_kpis.settings.errors import SettingsError
from close_kpis.workbook.google.errors import SheetsConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EMEA, US, APAC = Account("emea"), Account("us"), Account("apac")
ALL = (EMEA, US, APAC)
FIRST, SECOND = "1" * 44, "2" * 44


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_connection: Callable[..., None]) -> Path:
    """Three accounts: the first two with a spreadsheet each, the last one without a connection."""
    monkeypatch.setenv("CLOSE_KPIS_SETTINGS", str(tmp_path))
    for account, spreadsheet in ((EMEA, FIRST), (US, SECOND)):
        extra = {"spreadsheet_id": spreadsheet}
        set_connection(account.sheets_conn, conn_type="google_cloud_platform", extra=extra)
        (tmp_path / f"{account.name}.yaml").write_text("timezone: UTC\n", encoding="utf-8")
    return tmp_path


def test_each_has_its_own(settings: Path) -> None:
    require_own_spreadsheet(EMEA, ALL)
    require_own_spreadsheet(US, ALL)


@pytest.mark.parametrize(("account", "other"), [(EMEA, "us"), (US, "emea")])
def test_the_same_one_is_refused_for_both(settings: Path, account: Account, other: str) -> None:
    """Settings come before connections, as in a publish."""
    (settings / "us.yaml").write_text(f"workbook: {{spreadsheet_id: '{FIRST}'}}\n", encoding="utf-8")
    with pytest.raises(SheetsConfigError, match=rf"{account.name} and {other} have the same spreadsheet"):
        require_own_spreadsheet(account, ALL)


def test_settings_of_another_account_that_are_wrong_stop_only_that_one(settings: Path) -> None:
    (settings / "us.yaml").write_text("timezone: Mars\n", encoding="utf-8")
    require_own_spreadsheet(EMEA, ALL)
    with pytest.raises(SettingsError):
        require_own_spreadsheet(US, ALL)
