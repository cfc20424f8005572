"""The command ``digest``: what would be sent to whom, without sending it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from close_kpis.clock import now
from close_kpis.commands.connections import find_lake
from close_kpis.commands.errors import CommandError
from close_kpis.commands.output import quietly
from close_kpis.digest.lake_state import obstacle, read_state
from close_kpis.digest.schedule import last_due
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.connection import opened
from close_kpis.settings.audience import Audience
from close_kpis.settings.errors import choices
from close_kpis.settings.file import load

if TYPE_CHECKING:
    import argparse

    from duckdb import DuckDBPyConnection

    from close_kpis.digest.preview import Sheet
    from close_kpis.settings.file import Settings
    from close_kpis.workbook.targets import TeamTargets

EXAMPLE = "example (no audience is set yet)"


def digest(options: argparse.Namespace) -> int:
    """Print or write down what each audience would get; nothing is sent or recorded.

    Args:
        options: ``lake``, ``sheets``, ``settings``, ``audience``, ``preview``.

    Returns:
        0; 1 where a digest would not be sent now: what it would say is shown all the same.

    Raises:
        CommandError: there is no such audience, or nothing has been published yet.
        LakeError: the lake cannot be opened.
        SettingsError: the settings are not possible.
    """
    from close_kpis.digest.mail import text
    from close_kpis.digest.preview import preview_page
    from close_kpis.digest.send import read_targets

    with quietly():
        settings = load(options.settings)
        audiences = dict(settings.digest) or {EXAMPLE: Audience(slack_channel="#example")}
        if options.audience is not None:
            if options.audience not in audiences:
                raise CommandError(f"kpis.yaml has no audience {options.audience!r}; it has {choices(audiences)}")
            audiences = {options.audience: audiences[options.audience]}
        targets = read_targets(settings, options.sheets)
        with opened(find_lake(options.lake), read_only=True) as con:
            con.execute("begin transaction")
            sheets = [_sheet(con, settings, name, audience, targets) for name, audience in audiences.items()]
        page = preview_page(sheets) if options.preview else ""
        plain = "\n".join(f"{_head(sheet)}\n\n{text(sheet.content)}" for sheet in sheets)
    if options.preview:
        options.preview.write_text(page, encoding="utf-8")
        print(f"{options.preview}: what {', '.join(audiences)} would get")
    else:
        print(plain, end="")
    return 1 if any(sheet.stopped for sheet in sheets) else 0


def _sheet(con: DuckDBPyConnection, settings: Settings, name: str, audience: Audience, targets: TeamTargets) -> Sheet:
    from close_kpis.digest.content import read_digest
    from close_kpis.digest.preview import Sheet

    state, at = read_state(con), now(settings.timezone)
    if state.published is None:
        raise CommandError("no workbook has been published yet: run the DAGs close_sync, sales_kpis and sheets_publish")
    due = last_due(audience, at, settings.timezone)
    stopped = obstacle(state, due, at, timedelta(hours=settings.limits.late_after_hours), settings.timezone)
    content = read_digest(con, state.published, audience, load_definitions(), settings.workbook.title, targets)
    if content is None:
        raise CommandError("no month is completed yet: there is nothing to tell")
    local = due.at.astimezone(ZoneInfo(settings.timezone))
    to = ", ".join(filter(None, (audience.slack_channel, audience.slack_webhook, *audience.addresses)))
    when = f"To {to}; every {audience.every}, last due on {local.day} {local:%b %Y, %H:%M} for {due.period}."
    return Sheet(name, when, stopped.reason if stopped else "", content)


def _head(sheet: Sheet) -> str:
    stopped = f"\nWould not be sent now because {sheet.stopped}." if sheet.stopped else ""
    return f"== {sheet.audience} ==\n{sheet.when}{stopped}"
