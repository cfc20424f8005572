"""Writes the demo company as an account folder: a JSON Lines file for each resource."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.company import activities, life_cycle, odd_cases, reference_rows, rows
from sandbox.company.activity_rows import activity_rows
from sandbox.company.calendar import Calendar
from sandbox.company.events import event_rows
from sandbox.company.people import ALEX, TEAM
from sandbox.company.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from sandbox.company.model import Lead
    from sandbox.company.rows import Row


def write_company(folder: Path, *, as_of: date, seed: int = 7) -> None:
    """Write the demo company's account folder; the same seed and day give the same bytes.

    Args:
        folder: where to write; made where it is missing, files of the same names are overwritten.
        as_of: the day on which the three years of history end (its start, UTC).
        seed: names the company; another seed, another company.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for resource, content in company_rows(World(seed, Calendar(as_of))).items():
        _write(folder / f"{resource}.jsonl", content)


def company_rows(world: World) -> dict[str, list[Row]]:
    """Return every row of the account by resource, records in the order of their creation."""
    leads = _leads(world)
    account = {
        "organization": [reference_rows.organization_row(world, ALEX)],
        "users": [reference_rows.user_row(world, person) for person in TEAM],
        "lead_statuses": list(reference_rows.lead_status_rows()),
        "pipelines": list(reference_rows.pipeline_rows(world, ALEX)),
        "custom_fields": list(reference_rows.custom_field_rows(world, ALEX)),
        "outcomes": list(reference_rows.outcome_rows(world, ALEX)),
        "custom_activity_types": list(reference_rows.custom_activity_type_rows(world, ALEX)),
        "leads": _sorted(rows.lead_row(lead) for lead in leads if lead.gone_at is None),
        "opportunities": _sorted(rows.opportunity_row(lead, deal) for lead in leads for deal in lead.deals),
        "activities": _sorted(row for lead in leads for row in activity_rows(lead)),
        "tasks": _sorted(rows.task_row(lead, task) for lead in leads for task in lead.tasks),
    }
    odd_cases.adjust(world, account)
    account["events"] = event_rows(world, account, [lead for lead in leads if lead.gone_at is not None])
    return account


def _leads(world: World) -> list[Lead]:
    """Return the leads with all that happened up to the end of the history."""
    leads = []
    for lead in life_cycle.leads(world):
        activities.fill(world, lead)
        lead.forget_after(world.calendar.end)
        activities.forget_after(world, lead)
        if lead.created_at < world.calendar.end:
            leads.append(lead)
    return [*leads, *odd_cases.leads(world)]


def _sorted(content: Iterable[Row]) -> list[Row]:
    return sorted(content, key=lambda row: (row["date_created"], row["id"]))


def _write(path: Path, content: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
