"""Whether the three connections work, and whether somebody is told when they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from close_kpis.commands.connections import close_config, find_lake, known_to_airflow
from close_kpis.commands.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.close.client import ClientConfig


SEES_ALL_LEADS = frozenset({"admin", "superuser", "user"})
"""Close's own roles whose users see every lead. Source: developer.close.com "Memberships" (the ids). Restricted User,
and roles that an organisation has made, can be limited to the leads that a user is assigned to."""


@dataclass(frozen=True)
class Finding:
    """A connection's outcome.

    Attributes:
        name: Close, Google Sheets or lake, with its connection.
        works: whether it does.
        said: whose account it is, or what is wrong and what to do.
        is_limited: it works, but may not see all that there is.
    """

    name: str
    works: bool
    said: str
    is_limited: bool = False


def check_close(conn_id: str) -> Finding:
    """Ask Close whose API key it is, and whether its role sees all leads."""
    import asyncio

    from close_kpis.close.client import CloseClient
    from close_kpis.close.errors import CloseError
    from close_kpis.close.reference import read_reader

    async def who(config: ClientConfig) -> Finding:
        async with CloseClient(config) as client:
            me = await client.get("/me/")
            _, role = await read_reader(client)
        name = f"{me.get('first_name') or ''} {me.get('last_name') or ''}".strip()
        limited = limits(role)
        said = f"connected to {config.base_url} as {name or me.get('email') or me.get('id')}{limited}"
        return Finding(f"Close ({conn_id})", True, said, bool(limited))

    try:
        return asyncio.run(who(close_config(conn_id)))
    except (CloseError, CommandError) as error:
        return Finding(f"Close ({conn_id})", False, str(error))


def limits(role: str | None) -> str:
    """Return what a role of Close may hide from its users; nothing of one that sees all leads.

    Args:
        role: its id, None where Close tells none.
    """
    if role in SEES_ALL_LEADS:
        return ""
    remedy = "all numbers would lack the others, without any error: use the key of a user with the role Admin"
    if role == "restricteduser":
        return f". ITS ROLE, Restricted User, DOES NOT SEE ALL LEADS: {remedy}"
    return f". Its role, {role or 'which Close does not tell'}, may not see all leads: then {remedy}"


def check_sheets(conn_id: str, spreadsheet_id: str | None, *, is_written: bool = False) -> Finding:
    """Open the spreadsheet that would be published to.

    Args:
        conn_id: of Google Sheets.
        spreadsheet_id: what the settings name; None: the connection's.
        is_written: give it the title that it has, which only an editor can; nothing changes.
    """
    from close_kpis.workbook.google.errors import SheetsError
    from close_kpis.workbook.google.hook import GoogleSheetsHook

    name = f"Google Sheets ({conn_id})"
    try:
        with known_to_airflow(conn_id):
            hook = GoogleSheetsHook(conn_id)
            client = hook.get_conn()
        client.num_retries = min(client.num_retries, 2)
        found = hook.spreadsheet_id(spreadsheet_id)
        title = client.get_spreadsheet(found, {"fields": "properties.title"})["properties"]["title"]
        if is_written:
            same = {"updateSpreadsheetProperties": {"properties": {"title": title}, "fields": "title"}}
            client.batch_update(found, {"requests": [same]})
    except (CommandError, SheetsError) as error:
        return Finding(name, False, str(error))
    return Finding(name, True, f"{'can edit' if is_written else 'opened'} '{title}' as {client.account}")


def check_lake(name: str) -> Finding:
    """Open the lake read-only; one that is not there yet is made by the first sync."""
    from close_kpis.kpis.changes import last_complete
    from close_kpis.lake.config import LakeError, NoCatalogError
    from close_kpis.lake.connection import connect, existing_tables

    where = f"Lake ({name})"
    try:
        config = find_lake(name)
        con = connect(config, read_only=True)
    except NoCatalogError:
        return Finding(where, True, f"not there yet: the first run of close_sync makes it at {config.shown}")
    except (CommandError, LakeError) as error:
        return Finding(where, False, str(error))
    try:
        state = last_complete(con) if "sync.complete" in existing_tables(con) else None
    finally:
        con.close()
    synced = f"synced up to {state.as_of:%Y-%m-%d %H:%M} UTC" if state else "not synced yet"
    return Finding(where, True, f"opened {config.shown}, {synced}")


def check_alerts(settings_file: Path) -> Finding:
    """Say who gets the alarms, and whether Airflow has the connections that they go through; nothing is sent.

    Args:
        settings_file: the settings in force.
    """
    from airflow.sdk import Connection

    from close_kpis.dag_defaults import SLACK_CONN, SMTP_CONN
    from close_kpis.settings.alerts import load_alerts
    from close_kpis.settings.errors import SettingsError

    try:
        recipients = load_alerts(settings_file).recipients()
        ways = {"slack": SLACK_CONN, "mail": SMTP_CONN}
        through = [(ways.get(transport, recipient), recipient) for transport, recipient in recipients]
        for conn_id in dict.fromkeys(conn_id for conn_id, _ in through):
            with known_to_airflow(conn_id):
                Connection.get(conn_id)
    except (CommandError, SettingsError) as error:
        return Finding("Alarms", False, str(error))
    if not recipients:
        return Finding(
            "Alarms", True, "off: nobody is told of a failure. Name who is in the section alerts of kpis.yaml"
        )
    return Finding("Alarms", True, f"on, to {', '.join(f'{name} ({conn_id})' for conn_id, name in through)}")
