"""The command ``check-settings``: is a kpis.yaml possible, and does the account have what it names?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from close_kpis.commands.errors import CommandError
from close_kpis.lake.config import LakeError, NoCatalogError
from close_kpis.settings.account import resolve
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import Demo, load

if TYPE_CHECKING:
    import argparse

    from close_kpis.settings.account import Named
    from close_kpis.settings.file import Settings

READ_BY_RULE = {
    "meeting": {"title_pattern", "exclude_outcomes"},
    "custom_activity": {"type"},
    "opportunity_status": {"status"},
    "task": {"text_pattern"},
}
"""The keys of the section ``demo`` that each rule reads."""


def check_settings(options: argparse.Namespace) -> int:
    """Check a settings file, and, where a lake can be reached, that the account has what it names.

    Returns:
        0 where nothing is wrong, 1 where something is; it is printed.

    Raises:
        CommandError: there is no such file, or no such lake where one was asked for.
        LakeError: the lake that was asked for cannot be opened.
    """
    file = options.file or options.settings
    if not file.is_file():
        raise CommandError(f"there is no settings file {file}")
    try:
        settings = load(file)
        print(f"{file}: every key and value is possible")
        for note in _unread(settings):
            print(f"Note: {note}")
        if not options.offline:
            print(_checked_names(settings, options.lake, options.account.lake_conn))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _unread(settings: Settings) -> list[str]:
    """Say which keys of the section ``demo`` the chosen rule does not read."""
    demo = settings.demo
    unread = demo.model_fields_set - READ_BY_RULE[demo.rule] - {"rule"}
    return [
        f"demo.{key} is not read, because demo.rule is {demo.rule}"
        for key in Demo.model_fields
        if key in unread and getattr(demo, key)
    ]


def _checked_names(settings: Settings, lake: str | None, default: str) -> str:
    """Fit the settings to the account in a lake, and say that they do, or why that could not be tried.

    Args:
        settings: from the file.
        lake: which was asked for.
        default: the one that is taken, if it is there, where none was.
    """
    unchecked = "Not checked: whether the account has the statuses, pipelines and fields that it names"
    try:
        names = _account_names(lake or default)
    except ModuleNotFoundError:
        return f"{unchecked}. Name the lake's folder with --lake to check that, too"
    except (CommandError, LakeError) as error:
        if lake is not None:
            raise
        return f"{unchecked} ({error})"
    if not names:
        return f"{unchecked} (the lake has not been synced yet)"
    resolve(settings, names)
    return "The account has every status, pipeline, field, outcome and activity type that it names"


def _account_names(lake: str) -> list[Named]:
    from close_kpis.commands.connections import find_lake
    from close_kpis.kpis.workspace import account_names
    from close_kpis.lake.connection import existing_tables, opened

    try:
        with opened(find_lake(lake), read_only=True) as con:
            return account_names(con) if "raw.lead_statuses" in existing_tables(con) else []
    except NoCatalogError:
        return []
