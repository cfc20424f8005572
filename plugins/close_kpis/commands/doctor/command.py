"""The command ``doctor``."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from close_kpis.commands.connections import close_config
from close_kpis.commands.doctor.answers import answer
from close_kpis.commands.doctor.decisions import decide
from close_kpis.commands.doctor.findings import check_alerts, check_close, check_lake, check_sheets
from close_kpis.commands.doctor.kpis_yaml import kpis_yaml
from close_kpis.commands.doctor.pipelines import organization_currency
from close_kpis.commands.doctor.preview import open_source
from close_kpis.commands.doctor.sample import AccountSample, read_account
from close_kpis.commands.doctor.show import shown_account, shown_connections
from close_kpis.commands.errors import CommandError
from close_kpis.settings.errors import SettingsError
from close_kpis.settings.file import load

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from close_kpis.close.client import ClientConfig


def doctor(options: argparse.Namespace) -> int:
    """Test the connections, look at the account, and propose settings.

    Returns:
        0 when all connections work, 1 when one does not.

    Raises:
        CommandError: the file to write is there already, or cannot be written.
        SettingsError: the settings to keep from are not possible.
        CloseError: Close stopped answering.
    """
    if options.pages < 1:
        raise CommandError("--pages: at least one page is needed")
    if options.out and options.out.exists() and not options.force:
        raise CommandError(f"--out: {options.out} is there already: name another file, or add --force to replace it")
    kept = load(options.keep) if options.keep else None
    findings = [
        check_close(options.close),
        check_sheets(options.sheets, _spreadsheet_id(options.settings)),
        check_lake(options.lake),
        check_alerts(options.settings),
    ]
    print(shown_connections(findings), flush=True)
    if findings[0].works:
        account = asyncio.run(look(close_config(options.close), options.pages))
        decisions = decide(account, kept)
        with open_source(account, options.lake) as source:
            answered = answer(decisions, source, organization_currency(account))
        print(f"\n{shown_account(account)}\n\n{answered.preview}\n")
        _deliver(kpis_yaml(answered.decisions, answered.first), options.out)
        if answered.first:
            print("It must not be published before you have decided what it begins with.", file=sys.stderr)
    return 0 if all(one.works for one in findings) else 1


async def look(config: ClientConfig, pages: int) -> AccountSample:
    """Look at an account; nothing is written.

    Raises:
        CloseError: as for the client.
    """
    from close_kpis.close.client import CloseClient

    async with CloseClient(config) as client:
        return await read_account(client, pages)


def _spreadsheet_id(settings_file: Path) -> str | None:
    """Return the spreadsheet that the settings in force name; the settings may be what is to be made."""
    try:
        return load(settings_file).workbook.spreadsheet_id
    except SettingsError:
        return None


def _deliver(proposal: str, out: Path | None) -> None:
    if out is None:
        print(proposal, end="")
        return
    try:
        out.write_text(proposal, encoding="utf-8")
        if out.is_file():
            # Nothing in it is secret, and in Docker another user reads it.
            out.chmod(0o644)
    except OSError as error:
        raise CommandError(f"--out: {out} cannot be written: {error.strerror}") from None
    print(f"The proposal is in {out}.", file=sys.stderr)
