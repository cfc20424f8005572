"""Whose a spreadsheet is, where several accounts publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.settings.file import load
from close_kpis.workbook.google.errors import SheetsConfigError
from close_kpis.workbook.google.hook import GoogleSheetsHook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from close_kpis.accounts import Account


def require_own_spreadsheet(account: Account, accounts: Iterable[Account]) -> None:
    """Refuse a spreadsheet that another account names, too: each publish would write over the other's numbers.

    Args:
        account: which publishes.
        accounts: all of them; one whose connection or settings cannot be read does not keep others from publishing.

    Raises:
        SheetsConfigError: another account has the same spreadsheet, or the account has none.
        SettingsError: its settings are not possible.
    """
    others = [other for other in accounts if other != account]
    if not others:
        return
    own = _spreadsheet_id(account)
    for other in others:
        try:
            is_shared = _spreadsheet_id(other) == own
        except Exception:
            continue
        if is_shared:
            raise SheetsConfigError(
                f"the accounts {account.name} and {other.name} have the same spreadsheet: give each one of its own, as "
                f"workbook.spreadsheet_id in {account.name}.yaml or in the connection {account.sheets_conn}"
            )


def _spreadsheet_id(account: Account) -> str:
    return GoogleSheetsHook(account.sheets_conn).spreadsheet_id(load(account.settings_file).workbook.spreadsheet_id)
