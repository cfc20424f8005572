"""Small accounts written by hand, one record a line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.strategies import PIPELINES, STATUSES, MadeAccount

Row = dict[str, Any]

ROLES = {"trial": ["Trial"], "customer": ["Customer"], "churned": ["Churned"], "lost": ["Lost"]}


def account(*rows: Row, as_of: str, **settings: Any) -> MadeAccount:
    """Put an account together.

    Args:
        rows: from the functions below; each carries its file's name under `_file`.
        as_of: the run's local date; its end is meant.
        settings: further keys of `kpis.yaml`.
    """
    zone = ZoneInfo(settings.get("timezone", "UTC"))
    files: dict[str, list[Row]] = {
        "lead_statuses": [{"id": key, "label": label} for key, label in STATUSES.items()],
        "pipelines": [{"id": key, "name": name, "statuses": []} for key, name in PIPELINES.items()],
        "users": [{"id": "user_ann", "first_name": "Ann", "last_name": "Ash", "email": "ann@example.com"}],
        "custom_fields": [{"id": "cf_source", "name": "Lead source", "object_type": "lead", "type": "text"}],
    }
    for row in rows:
        row = dict(row)
        files.setdefault(row.pop("_file"), []).append(row)
    pipelines = {"new": ["Sales"], "expansion": ["Upsell"], "renewal": ["Renewals"], "ignore": ["Hiring"]}
    return MadeAccount(
        files,
        {"lead_statuses": ROLES, "pipelines": pipelines, "source_field": "Lead source"} | settings,
        datetime.combine(date.fromisoformat(as_of), time.max, zone).astimezone(UTC),
    )


def lead(lead_id: str, created: str, *path: tuple[str, str], source: Any = None) -> list[Row]:
    """Return a lead created as Trial and its changes (instant, new status key without `stat_`)."""
    rows = []
    status = "stat_trial"
    for number, (at, new) in enumerate(path):
        change = {"old_status_id": status, "new_status_id": f"stat_{new}"}
        rows.append(activity("LeadStatusChange", f"acti_{lead_id}_{number}", at, lead_id, **change))
        status = f"stat_{new}"
    row = {"_file": "leads", "id": lead_id, "status_id": status, "status_label": STATUSES[status]}
    row |= {"date_created": created, "date_updated": path[-1][0] if path else created}
    return [row | ({"custom.cf_source": source} if source else {}), *rows]


def won(
    deal_id: str,
    lead_id: str,
    on: str,
    value: int,
    period: str = "annual",
    pipeline: str = "new",
    **more: Any,
) -> Row:
    """Return a won opportunity of Ann's, created on the day it was won."""
    row = {
        "_file": "opportunities",
        "id": deal_id,
        "lead_id": lead_id,
        "user_id": "user_ann",
        "pipeline_id": f"pipe_{pipeline}",
        "status_type": "won",
        "value": value,
        "value_period": period,
        "date_won": on,
        "date_created": f"{on}T09:00:00+00:00",
        "date_updated": f"{on}T09:00:00+00:00",
    }
    return row | more


def activity(kind: str, activity_id: str, at: str, lead_id: str | None, **more: Any) -> Row:
    """Return an activity of Ann's."""
    base = {
        "_file": "activities",
        "_type": kind,
        "id": activity_id,
        "lead_id": lead_id,
        "user_id": "user_ann",
    }
    return base | {"activity_at": at, "date_created": at, "date_updated": at} | more
