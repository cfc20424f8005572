"""Which account and which settings a demo runs with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

from sandbox.company import write_company
from sandbox.company.calendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMED_IN_SETTINGS = {
    "lead_statuses": ("lead_statuses", "label"),
    "pipelines": ("pipelines", "name"),
}
"""Role settings: the resource they name and the field that holds its name."""


class BadAccountError(ValueError):
    """The account folder or the settings cannot be used."""


def prepare_account(account: Path | None, folder: Path, as_of: date | None) -> Path:
    """Return the account folder to serve: the given one, else a newly written demo company.

    Args:
        account: an account folder, or None.
        folder: where the demo company is written.
        as_of: the last day of its history; today where None.

    Raises:
        BadAccountError: the given folder holds no account.
    """
    if account is None:
        write_company(folder, as_of=as_of or datetime.now().astimezone().date())
        return folder
    if not any((account / f"{name}.jsonl").is_file() for name in ("leads", "opportunities", "activities")):
        raise BadAccountError(
            f"ACCOUNT={account}: no account folder; it holds JSON Lines files named after Close's "
            "resources: leads.jsonl, opportunities.jsonl, activities.jsonl, lead_statuses.jsonl, ..."
        )
    return account.resolve()


def prepare_settings(
    settings: Path | None, account: Path | None, default: Path, folder: Path, as_of: date | None = None
) -> tuple[Path, list[str]]:
    """Return the settings file for a run, and what was left out of it.

    The given file counts first, then the account folder's own ``kpis.yaml``, then the project's. The
    project's file names the demo company's statuses, pipelines and fields: for another account the
    names that it lacks are left out, so that any account can be looked at before it has settings. For the
    demo company the day of its import is named, which depends on the day on which it is written.

    Args:
        settings: a settings file, or None.
        account: the account folder if it is not the demo company's.
        default: the project's settings.
        folder: where a copy is written.
        as_of: the last day of the demo company's history; today where None.

    Raises:
        BadAccountError: the given file does not exist.
    """
    if settings is not None:
        if not settings.is_file():
            raise BadAccountError(f"SETTINGS={settings}: there is no such file")
        return settings.resolve(), []
    if account is None:
        path = folder / "kpis.yaml"
        path.write_text(_with_import_day(default.read_text(encoding="utf-8"), as_of), encoding="utf-8")
        return path, []
    if (account / "kpis.yaml").is_file():
        return (account / "kpis.yaml").resolve(), []
    reduced, left_out = _reduce(yaml.safe_load(default.read_text()), account)
    path = folder / "kpis.yaml"
    path.write_text(yaml.safe_dump(reduced, sort_keys=False, allow_unicode=True))
    return path, left_out


def _with_import_day(settings: str, as_of: date | None) -> str:
    """Return the project's settings with the demo company's import day, where they name no other."""
    day = Calendar(as_of or datetime.now().astimezone().date()).import_day
    return settings.replace("\nimport_days: []\n", f"\nimport_days: [{day.isoformat()}]\n")


def _reduce(settings: Mapping[str, Any], account: Path) -> tuple[dict[str, Any], list[str]]:
    """Drop the names that the account lacks; return the rest and a sentence for each name dropped."""
    reduced = dict(settings)
    left_out: list[str] = []
    for key, (resource, field) in NAMED_IN_SETTINGS.items():
        known = {row[part] for row in rows(account, resource) for part in ("id", field) if row.get(part)}
        roles = {}
        for role, names in (settings.get(key) or {}).items():
            roles[role] = [name for name in names or [] if name in known]
            left_out += [f"{key}.{role}: {name}" for name in names or [] if name not in known]
        reduced[key] = roles
    fields = {row[part] for row in rows(account, "custom_fields") for part in ("id", "name") if row.get(part)}
    for key in ("source_field", "owner_field"):
        if settings.get(key) and settings[key] not in fields:
            left_out.append(f"{key}: {settings[key]}")
            reduced[key] = None
    outcomes = {row[part] for row in rows(account, "outcomes") for part in ("id", "name") if row.get(part)}
    demo = dict(settings.get("demo") or {})
    excluded = demo.get("exclude_outcomes") or []
    demo["exclude_outcomes"] = [name for name in excluded if name in outcomes]
    left_out += [f"demo.exclude_outcomes: {name}" for name in excluded if name not in outcomes]
    reduced["demo"] = demo
    return reduced, left_out


def rows(account: Path, resource: str) -> list[dict[str, Any]]:
    """Return the rows of a resource of an account folder; none where the file is missing."""
    path = account / f"{resource}.jsonl"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def check_settings(settings: Path, root: Path) -> None:
    """Let the product check a settings file before anything is started with it.

    Args:
        settings: the file.
        root: the project's folder.

    Raises:
        BadAccountError: the product refuses it; in its words.
    """
    checked = subprocess.run(
        [sys.executable, "-m", "close_kpis", "check-settings", str(settings), "--offline"],
        env={**os.environ, "PYTHONPATH": str(root / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )
    if checked.returncode:
        raise BadAccountError(f"The settings {settings} cannot be used:\n{checked.stderr.strip()}")


@dataclass(frozen=True)
class Named:
    """What the demo itself reads of a settings file.

    Attributes:
        timezone: the reporting zone.
        spreadsheet_id: the workbook, None where the connection names it.
    """

    timezone: str
    spreadsheet_id: str | None


def read_settings(settings: Path) -> Named:
    """Return the reporting zone and the workbook that a settings file names."""
    values = yaml.safe_load(settings.read_text(encoding="utf-8")) or {}
    return Named(values.get("timezone") or "UTC", (values.get("workbook") or {}).get("spreadsheet_id"))


def end_of_day(day: date, zone: str) -> datetime:
    """Return the last second of a day in a zone."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
    return midnight - timedelta(seconds=1)
