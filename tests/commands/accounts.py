"""Small accounts with other words than the demo company's, as folders for the Close sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Row = dict[str, Any]

GERMAN_PATHS = (
    ("Interessent", "Testphase", "Kunde"),
    ("Interessent", "Testphase", "Kunde", "Gekündigt"),
    ("Interessent", "Testphase", "Kein Interesse"),
    ("Interessent", "Kunde", "Gekündigt", "Kunde"),
)
PATHS_WITHOUT_TRIAL = (("New", "Qualified", "Live"), ("New", "Qualified", "Live", "Paused"), ("New", "Dead"))


def write_account(folder: Path, paths: tuple[tuple[str, ...], ...], **files: list[Row]) -> Path:
    """Write an account of 8 leads for each path through the statuses.

    Args:
        folder: where to.
        paths: labels of lead statuses in the order in which a lead goes through them.
        files: rows of further files; a file of them replaces the one made here.
    """
    labels = list(dict.fromkeys(label for path in paths for label in path))
    leads, changes = [], []
    for number in range(8 * len(paths)):
        path, lead_id = paths[number % len(paths)], f"lead_{number}"
        day = f"2026-01-{1 + number % 28:02}"
        leads.append({
            "id": lead_id,
            "name": lead_id,
            "status_id": f"stat_{labels.index(path[-1])}",
            "status_label": path[-1],
            "date_created": f"{day}T08:00:00+00:00",
            "date_updated": f"{day}T20:00:00+00:00",
            "custom.cf_a": ("Messe", "Webseite", "Empfehlung")[number % 3],
            "custom.cf_b": "user_anna",
        })
        for step in range(1, len(path)):
            at = f"{day}T{8 + step:02}:00:00+00:00"
            changes.append({
                "_type": "LeadStatusChange",
                "id": f"acti_change_{number}_{step}",
                "lead_id": lead_id,
                "user_id": "user_anna",
                "old_status_id": f"stat_{labels.index(path[step - 1])}",
                "old_status_label": path[step - 1],
                "new_status_id": f"stat_{labels.index(path[step])}",
                "new_status_label": path[step],
                "activity_at": at,
                "date_created": at,
                "date_updated": at,
            })
    rows: dict[str, list[Row]] = {
        "organization": [{"id": "orga_a", "name": "A GmbH", "currency": "EUR"}],
        "users": [{"id": "user_anna", "first_name": "Anna", "last_name": "A", "last_used_timezone": "Europe/Berlin"}],
        "lead_statuses": [
            {"id": f"stat_{at}", "label": label, "organization_id": "orga_a"} for at, label in enumerate(labels)
        ],
        "leads": leads,
        **files,
    }
    rows["activities"] = [*changes, *files.get("activities", [])]
    folder.mkdir(parents=True, exist_ok=True)
    for name, listed in rows.items():
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in listed), encoding="utf-8")
    return folder


def pipelines(*names: str) -> list[Row]:
    """Return pipelines of an open, a won and a lost status."""
    return [
        {
            "id": f"pipe_{at}",
            "name": name,
            "statuses": [
                {"id": f"ostat_{at}_{kind}", "label": kind, "type": kind} for kind in ("active", "won", "lost")
            ],
        }
        for at, name in enumerate(names)
    ]


def meetings(*titles: str) -> list[Row]:
    """Return completed meetings, a title each."""
    at = "2026-01-05T10:00:00+00:00"
    return [
        {
            "_type": "Meeting",
            "id": f"acti_meeting_{number}",
            "lead_id": "lead_0",
            "user_id": "user_anna",
            "title": title,
            "status": "completed",
            "starts_at": at,
            "ends_at": at,
            "activity_at": at,
            "date_created": at,
            "date_updated": at,
        }
        for number, title in enumerate(titles)
    ]


def field(field_id: str, name: str, kind: str) -> Row:
    """Return a custom field of leads."""
    return {"id": field_id, "name": name, "object_type": "lead", "type": kind}


def wins(pipeline_id: str, leads: Iterable[int], value: int = 10_000, won_on: str = "2026-02-03") -> list[Row]:
    """Return a won monthly opportunity of each of some leads, by their numbers.

    Args:
        pipeline_id: of `pipelines`, as pipe_0.
        leads: the leads' numbers.
        value: cents a month.
        won_on: the day.
    """
    return [
        {
            "id": f"oppo_{pipeline_id}_{number}",
            "lead_id": f"lead_{number}",
            "user_id": "user_anna",
            "pipeline_id": pipeline_id,
            "status_id": f"ostat_{pipeline_id.removeprefix('pipe_')}_won",
            "status_label": "won",
            "status_type": "won",
            "value": value,
            "value_period": "monthly",
            "value_currency": "EUR",
            "date_won": won_on,
            "date_created": f"{won_on}T08:00:00+00:00",
            "date_updated": f"{won_on}T09:00:00+00:00",
        }
        for number in leads
    ]
