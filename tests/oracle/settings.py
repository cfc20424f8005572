"""The settings of a run as the oracle reads them: definitions, section 12, defaults applied by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import yaml


@dataclass(frozen=True)
class Settings:
    """`kpis.yaml` with names resolved to the account's ids."""

    zone: ZoneInfo
    history_start: date | None
    customer_basis: str
    rate_denominator: str
    status_roles: dict[str, str]
    pipeline_roles: dict[str, str]
    source_field: str | None
    owner_field: str | None
    demo_rule: str
    title_pattern: str
    text_pattern: str
    excluded_outcomes: frozenset[str]
    demo_types: frozenset[str]
    demo_statuses: frozenset[str]
    count_automated_emails: bool
    streams: frozenset[str]
    counted_activities: frozenset[str]
    holidays: frozenset[date]
    unknown_source_share: float
    import_days: frozenset[date]
    source_aliases: dict[str, list[str]]
    fiscal_year_start: int


def named(wanted: Any, rows: list[dict[str, Any]], label: str) -> list[str]:
    """Return the ids of the rows that a setting names, "by label or by id"."""
    names = wanted if isinstance(wanted, list) else [] if wanted is None else [wanted]
    return [row["id"] for name in names for row in rows if name in {row["id"], row.get(label)}]


def read_settings(text: str, rows: dict[str, list[dict[str, Any]]]) -> Settings:
    """Read a `kpis.yaml` for an account.

    Args:
        text: the YAML.
        rows: the account's reference rows by file name.
    """
    given = yaml.safe_load(text) or {}
    demo = given.get("demo") or {}
    opportunity_statuses = [status for pipeline in rows["pipelines"] for status in pipeline["statuses"]]
    fields = [row for row in rows["custom_fields"] if row.get("object_type") in {"lead", "shared"}]
    start = given.get("history_start")
    return Settings(
        zone=ZoneInfo(given.get("timezone") or "UTC"),
        history_start=date.fromisoformat(str(start)) if start else None,
        customer_basis=given.get("customer_basis") or "lead_status",
        rate_denominator=given.get("rate_denominator") or "opening",
        status_roles={
            status_id: role
            for role, names in (given.get("lead_statuses") or {}).items()
            for status_id in named(names, rows["lead_statuses"], "label")
        },
        pipeline_roles={
            pipeline_id: role
            for role, names in (given.get("pipelines") or {}).items()
            for pipeline_id in named(names, rows["pipelines"], "name")
        },
        source_field=next(iter(named(given.get("source_field"), fields, "name")), None),
        owner_field=next(iter(named(given.get("owner_field"), fields, "name")), None),
        demo_rule=demo.get("rule") or "meeting",
        title_pattern=demo.get("title_pattern") or "(?i)demo",
        text_pattern=demo.get("text_pattern") or "(?i)demo",
        excluded_outcomes=frozenset(named(demo.get("exclude_outcomes"), rows["outcomes"], "name")),
        demo_types=frozenset(named(demo.get("type"), rows["custom_activity_types"], "name")),
        demo_statuses=frozenset(named(demo.get("status"), opportunity_statuses, "label")),
        count_automated_emails=bool(given.get("count_automated_emails", False)),
        streams=frozenset(name for name, is_read in (given.get("streams") or {}).items() if is_read),
        counted_activities=frozenset(given.get("counted_activities", ["calls", "emails"])),
        holidays=frozenset(date.fromisoformat(str(on)) for on in given.get("holidays") or []),
        unknown_source_share=(given.get("limits") or {}).get("unknown_source_share", 0.2),
        import_days=frozenset(date.fromisoformat(str(on)) for on in given.get("import_days") or []),
        source_aliases=given.get("source_aliases") or {},
        fiscal_year_start=given.get("fiscal_year_start") or 1,
    )
