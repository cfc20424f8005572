"""All decisions, in the order of ``kpis.yaml``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from close_kpis.commands.doctor.demos import decide_demo
from close_kpis.commands.doctor.fields import decide_fields
from close_kpis.commands.doctor.imports import decide_import_days
from close_kpis.commands.doctor.pipelines import decide_currency, decide_pipelines, decide_timezone
from close_kpis.commands.doctor.proposal import Decision
from close_kpis.commands.doctor.sources import decide_aliases
from close_kpis.commands.doctor.statuses import decide_statuses

if TYPE_CHECKING:
    from close_kpis.commands.doctor.sample import AccountSample
    from close_kpis.settings.file import Settings

KEPT = frozenset({"source_aliases"})
"""Keys that the doctor says something about, but whose value it only takes over."""

UNKNOWN_TO_CLOSE = {
    "history_start": "",
    "rate_denominator": "",
    "fiscal_year_start": "",
    "count_automated_emails": "",
    "streams": "",
    "counted_activities": "",
    "holidays": "Close knows no holidays: list the weekdays that nobody works on; calls per working day depend on it.",
    "workbook": "",
    "limits": "",
    "digest": "",
    "alerts": "",
}
"""The keys that nothing in Close speaks for, and what is worth saying where they are not set."""


def decide(account: AccountSample, kept: Settings | None = None) -> list[Decision]:
    """Return what is proposed.

    Args:
        account: what was looked at.
        kept: settings to take over what Close cannot know from.
    """
    timezone, fields = decide_timezone(account), decide_fields(account)
    source_field = next(one.value for one in fields if one.key == "source_field")
    decisions = [
        timezone,
        *decide_statuses(account),
        *decide_pipelines(account),
        *fields,
        decide_aliases(account, source_field),
        decide_import_days(account, timezone.value or "UTC"),
        *decide_demo(account),
        decide_currency(account),
        *_not_from_close(kept),
    ]
    given = kept.model_dump(mode="json", exclude_defaults=True) if kept else {}
    decisions = [replace(one, value=given[one.key]) if one.key in KEPT & given.keys() else one for one in decisions]
    return [one for one in decisions if one.says_something]


def _not_from_close(kept: Settings | None) -> list[Decision]:
    given: dict[str, Any] = kept.model_dump(mode="json", exclude_defaults=True) if kept else {}
    return [
        Decision(key, given[key], "Kept: nothing in Close says it.")
        if key in given
        else Decision(key, None, open=(said,))
        for key, said in UNKNOWN_TO_CLOSE.items()
        if key in given or said
    ]
