"""A small account with something of everything, and how to serve and read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.close_api import CloseSandbox

Row = dict[str, Any]
NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
"""Where the clock of the sandboxes begins."""

ACCOUNT: dict[str, list[Row]] = {
    "organization": [{"id": "orga_1", "name": "Acme", "currency": "USD"}],
    "users": [
        {"id": "user_ada", "first_name": "Ada", "last_name": "Byron", "email": "ada@example.com"},
        {"id": "user_bob", "first_name": "Bob", "last_name": "Ames", "email": "bob@example.com"},
        {"id": "user_gone", "first_name": "Gus", "last_name": "Left", "is_active": False},
    ],
    "lead_statuses": [
        {"id": "stat_potential", "label": "Potential"},
        {"id": "stat_trial", "label": "Trial"},
        {"id": "stat_customer", "label": "Customer"},
    ],
    "pipelines": [
        {
            "id": "pipe_sales",
            "name": "Sales",
            "date_created": "2021-07-13T11:36:04.983404",
            "statuses": [
                {"id": "stat_open", "label": "Open", "type": "active"},
                {"id": "stat_won", "label": "Won", "type": "won"},
                {"id": "stat_lost", "label": "Lost", "type": "lost"},
            ],
        }
    ],
    "custom_fields": [
        {"id": "cf_source", "object_type": "lead", "name": "Source", "type": "choices", "choices": ["Web"]},
        {
            "id": "cf_shared",
            "object_type": "shared",
            "name": "Owner",
            "type": "user",
            "associations": [{"object_type": "lead"}],
        },
        {
            "id": "cf_demo",
            "object_type": "activity",
            "name": "Result",
            "type": "text",
            "custom_activity_type_id": "actitype_demo",
        },
    ],
    "custom_activity_types": [{"id": "actitype_demo", "name": "Demo"}],
    "outcomes": [{"id": "outcome_show", "name": "Showed up"}],
    "leads": [
        {
            "id": "lead_a",
            "name": "Alpha",
            "status_id": "stat_potential",
            "custom.cf_source": "Web",
            "date_created": "2026-01-10T10:00:00+00:00",
            "contacts": [{"id": "cont_a", "name": "Ann"}],
        },
        {
            "id": "lead_b",
            "name": "Beta",
            "status_id": "stat_customer",
            "created_by": "user_gone",
            "date_created": "2026-02-10T10:00:00.250000+00:00",
        },
    ],
    "opportunities": [
        {
            "id": "oppo_a",
            "lead_id": "lead_a",
            "user_id": "user_ada",
            "status_id": "stat_open",
            "value": 5000,
            "value_period": "monthly",
            "confidence": 50,
            "date_won": "2026-09-01",
            "date_created": "2026-03-01T00:00:00+00:00",
            "date_updated": "2026-05-01T00:00:00+00:00",
        },
        {
            "id": "oppo_b",
            "lead_id": "lead_b",
            "user_id": "user_gone",
            "status_id": "stat_won",
            "value": 300000,
            "value_period": "one_time",
            "confidence": 75,
            "date_won": "2026-04-02",
            "date_created": "2026-03-02T00:00:00+00:00",
            "date_updated": "2026-04-02T00:00:00+00:00",
        },
        {
            "id": "oppo_c",
            "lead_id": "lead_b",
            "user_id": "user_bob",
            "status_id": "stat_lost",
            "value": None,
            "date_created": "2026-03-03T00:00:00+00:00",
            "date_updated": "2026-03-04T00:00:00+00:00",
        },
    ],
    "activities": [
        {
            "id": "acti_call",
            "_type": "Call",
            "lead_id": "lead_a",
            "user_id": "user_ada",
            "duration": 60,
            "date_created": "2026-03-05T09:00:00+00:00",
        },
        {
            "id": "acti_email",
            "_type": "Email",
            "lead_id": "lead_a",
            "user_id": "user_bob",
            "date_created": "2026-03-06T09:00:00+00:00",
        },
        {
            "id": "acti_meeting",
            "_type": "Meeting",
            "lead_id": "lead_b",
            "user_id": "user_ada",
            "starts_at": "2026-07-01T09:00:00+00:00",
            "date_created": "2026-03-07T09:00:00+00:00",
        },
        {
            "id": "acti_change",
            "_type": "LeadStatusChange",
            "lead_id": "lead_b",
            "user_id": "user_ada",
            "old_status_id": "stat_trial",
            "new_status_id": "stat_customer",
            "date_created": "2026-03-08T09:00:00+00:00",
        },
    ],
    "tasks": [
        {
            "id": "task_open",
            "_type": "lead",
            "lead_id": "lead_a",
            "text": "Demo",
            "assigned_to": "user_ada",
            "date": "2026-06-20",
            "date_created": "2026-06-01T09:00:00+00:00",
        },
        {
            "id": "task_done",
            "_type": "lead",
            "lead_id": "lead_a",
            "is_complete": True,
            "date": "2026-06-10",
            "date_created": "2026-06-02T09:00:00+00:00",
        },
        {
            "id": "noti_missed",
            "_type": "missed_call",
            "lead_id": "lead_a",
            "date_created": "2026-06-03T09:00:00+00:00",
        },
    ],
}


def write_account(folder: Path, **resources: list[Row]) -> Path:
    """Write an account folder: a file for each resource that has rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in resources.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def calls(count: int, **fields: Any) -> list[Row]:
    """Return calls, a minute apart, oldest first."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        {
            "id": f"acti_{place:04d}",
            "_type": "Call",
            "date_created": (start + timedelta(minutes=place)).isoformat(),
            **fields,
        }
        for place in range(count)
    ]


def client_of(sandbox: CloseSandbox) -> httpx.Client:
    """Return a client with the right key; plain HTTP needs no certificates, whose loading is slow."""
    return httpx.Client(base_url=f"{sandbox.url}/api/v1", auth=(sandbox.api_key, ""), timeout=10, verify=False)
