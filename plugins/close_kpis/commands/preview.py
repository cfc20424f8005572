"""The command ``preview``: the workbook of a lake as a page and an Excel file, without a Google account."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from close_kpis.commands.connections import find_lake
from close_kpis.commands.errors import CommandError
from close_kpis.commands.output import quietly
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.connection import opened
from close_kpis.publishing.publish import prepare
from close_kpis.settings.file import load
from close_kpis.workbook.google.credentials import credentials, read_extras
from close_kpis.workbook.google.transport import SheetsTransport
from close_kpis.workbook.render import render
from close_kpis.workbook.write import publish

if TYPE_CHECKING:
    import argparse

OPTIONAL = "sandbox.sheets_api"
"""The package that draws the page: an optional extra, which the image does not have."""


def preview(options: argparse.Namespace) -> int:
    """Write the workbook of the last computation into a folder; nothing leaves the machine, nothing is recorded.

    Args:
        options: ``lake``, ``settings``, ``out``: the folder.

    Returns:
        0.

    Raises:
        CommandError: the package that draws the page is not installed.
        NothingToPublishError: no KPIs have been computed yet.
        LakeError: the lake cannot be opened.
        SettingsError: the settings are not possible.
    """
    sandbox = _sandbox()
    settings, definitions = load(options.settings).workbook, load_definitions()
    with quietly(), opened(find_lake(options.lake), read_only=True) as con:
        stamp, tables, _ = prepare(
            con, "preview", definitions, record_rows=settings.record_rows, lists=settings.records
        )
    workbook = render(tables, stamp, definitions, title=settings.title, shown=settings.tabs)
    options.out.mkdir(parents=True, exist_ok=True)
    page, excel = options.out / "workbook.html", options.out / "workbook.xlsx"
    with tempfile.TemporaryDirectory(prefix="close-kpis-preview-") as folder, sandbox(Path(folder)) as google:
        extras = read_extras({"keyfile_dict": google.service_account_info(), "api_endpoint": google.url}, OPTIONAL)
        client = SheetsTransport(credentials(extras, OPTIONAL), conn_id=OPTIONAL, api_endpoint=google.url)
        spreadsheet_id = google.create_spreadsheet(settings.title)
        with quietly():
            publish(client, spreadsheet_id, workbook if settings.formulas else workbook.without_formulas())
        address = f"{google.url}/spreadsheets/d/{spreadsheet_id}"
        page.write_bytes(httpx.get(f"{address}/edit", timeout=120).raise_for_status().content)
        excel.write_bytes(httpx.get(f"{address}/export?format=xlsx", timeout=120).raise_for_status().content)
    print(f"{page}\n{excel}")
    return 0


def _sandbox() -> Any:
    try:
        return import_module(OPTIONAL).SheetsSandbox
    except ImportError as error:
        raise CommandError(
            f"the page is drawn by the package {OPTIONAL} ({error}): run this in a clone of the project, with the "
            "packages of sandbox/requirements.txt"
        ) from None
