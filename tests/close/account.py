"""A small Close account in which every page limit is met: written as an account folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
"""Where the sandbox's clock begins."""

LAST_EVENT = NOW - timedelta(hours=1)
FIRST = datetime(2024, 1, 10, 9, tzinfo=UTC)
IMPORTED = "2000-01-01T00:00:00+00:00"
FUTURE = "2027-03-01T10:00:00+00:00"

ORGANIZATION = "orga_test"
USER = "user_anna"
FORMER = "user_former"


def write_account(folder: Path) -> Path:
    """Write the account and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    leads = [_lead(number) for number in range(230)]
    opportunities = [_opportunity(number) for number in range(270)]
    tasks = [_task(number) for number in range(60)]
    activities = [row for rows in _activities() for row in rows]
    files: dict[str, list[Row]] = {
        "organization": [{"id": ORGANIZATION, "name": "Test Ltd", "currency": "EUR"}],
        "users": [
            {"id": USER, "email": "anna@example.com", "first_name": "Anna", "last_name": "A"},
            {"id": FORMER, "email": "f@example.com", "first_name": "Fritz", "last_name": "F", "is_active": False},
        ],
        "lead_statuses": [
            {"id": f"stat_{label}", "label": label, "organization_id": ORGANIZATION}
            for label in ("potential", "customer", "churned")
        ],
        "pipelines": [
            {
                "id": "pipe_sales",
                "name": "Sales",
                "statuses": [{"id": f"stat_{kind}", "label": kind, "type": kind} for kind in ("active", "won", "lost")],
            },
            {"id": "pipe_upsell", "name": "Upsell", "statuses": []},
        ],
        "custom_fields": [
            {"id": "cf_source", "name": "Source", "type": "choices", "object_type": "lead"},
            {"id": "cf_region", "name": "Region", "type": "text", "object_type": "shared"},
        ],
        "outcomes": [{"id": "outcome_good", "name": "Good"}],
        "custom_activity_types": [{"id": "actitype_demo", "name": "Demo"}],
        "leads": leads,
        "contacts": [_contact(number) for number in range(40)],
        "opportunities": opportunities,
        "tasks": tasks,
        "activities": activities,
        "events": [
            {
                "id": "ev_first",
                "object_type": "lead",
                "action": "updated",
                "object_id": "lead_0",
                "lead_id": "lead_0",
                "date_created": LAST_EVENT.isoformat(),
                "date_updated": LAST_EVENT.isoformat(),
            }
        ],
    }
    for name, rows in files.items():
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def _stamp(number: int, hours: float) -> str:
    return (FIRST + timedelta(hours=number * hours)).isoformat()


def _lead(number: int) -> Row:
    at = _stamp(number, 90)
    return {
        "id": f"lead_{number}",
        "name": f"Lead {number}",
        "status_id": "stat_customer" if number % 3 else "stat_potential",
        "date_created": at,
        "date_updated": at,
        **({"custom.cf_source": ["Web", "Fair"]} if number % 2 else {}),
    }


def _contact(number: int) -> Row:
    at = _stamp(number, 80)
    return {
        "id": f"cont_{number}",
        "lead_id": f"lead_{number * 3}" if number % 7 else None,
        "name": f"Contact {number}",
        "title": "CEO" if number % 2 else None,
        "emails": [{"email": f"c{number}@example.com", "type": "office"}] * (number % 3),
        "phones": [{"phone": "+49301234567", "type": "office"}] * (number % 2),
        "date_created": at,
        "date_updated": at,
    }


def _opportunity(number: int) -> Row:
    at = _stamp(number, 70)
    kind = ("active", "won", "lost")[number % 3]
    return {
        "id": f"oppo_{number}",
        "lead_id": f"lead_{number % 230}",
        "user_id": (USER, FORMER)[number % 2],
        "status_id": f"stat_{kind}",
        "value": None if number % 50 == 0 else 1000 * number,
        "value_period": ("monthly", "annual", "one_time")[number % 3],
        "confidence": 50,
        "date_won": at[:10] if kind == "won" else None,
        "date_lost": at if kind == "lost" else None,
        "date_created": at,
        "date_updated": at,
    }


def _task(number: int) -> Row:
    at = _stamp(number, 30)
    return {
        "id": f"task_{number}",
        "_type": "lead" if number % 4 else "missed_call",
        "lead_id": f"lead_{number}",
        "assigned_to": USER,
        "text": "call back",
        "date": at[:10] if number % 2 else at,
        "is_complete": number % 2 == 0,
        "date_created": at,
        "date_updated": at,
    }


def _activities() -> list[list[Row]]:
    """Return activities: more than a page of calls at one instant, meetings in the future."""
    imported = [_activity("Call", number, IMPORTED, direction="inbound") for number in range(130)]
    return [
        imported,
        [_activity("Call", number, _stamp(number - 130, 36), direction="outbound") for number in range(130, 700)],
        [_activity("Email", number, _stamp(number, 60), direction="outgoing", status="sent") for number in range(150)],
        [_activity("Meeting", number, _stamp(number, 300), title="Demo", status="completed") for number in range(40)],
        [_activity("Meeting", 900, FUTURE, title="Demo", status="upcoming", starts_at=FUTURE)],
        [_activity("CustomActivity", number, _stamp(number, 99), status="published") for number in range(12)],
        [
            _activity(
                "LeadStatusChange",
                number,
                _stamp(number, 99),
                old_status_id="stat_potential",
                new_status_id="stat_customer",
            )
            for number in range(120)
        ],
        [
            _activity(
                "OpportunityStatusChange",
                number,
                _stamp(number, 120),
                opportunity_id=f"oppo_{number}",
                old_status_id="stat_active",
                new_status_id="stat_won",
            )
            for number in range(30)
        ],
        [_activity("TaskCompleted", number, _stamp(number, 60), task_id=f"task_{number}") for number in range(30)],
        [_activity("Note", number, _stamp(number, 60), note="not read") for number in range(5)],
    ]


def _activity(kind: str, number: int, at: str, **fields: Any) -> Row:
    return {
        "id": f"acti_{kind}_{number}",
        "_type": kind,
        "lead_id": f"lead_{number % 230}",
        "user_id": None if number % 40 == 0 else USER,
        "date_created": at,
        "date_updated": min(at, LAST_EVENT.isoformat()),
        "activity_at": at,
        **fields,
    }
