"""All decisions, in the order of ``kpis.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from close_kpis.commands.doctor.demos import decide_demo
from close_kpis.commands.doctor.fields import decide_fields
from close_kpis.commands.doctor.pipelines import decide_currency, decide_pipelines, decide_timezone
from close_kpis.commands.doctor.proposal import Decision
from close_kpis.commands.doctor.statuses import decide_statuses

if TYPE_CHECKING:
    from close_kpis.commands.doctor.sample import Account
    from close_kpis.settings.file import Settings

UNKNOWN_TO_CLOSE = {
    "history_start": "",
    "rate_denominator": "",
    "count_automated_emails": "",
    "holidays": "Close knows no holidays: list the weekdays that nobody works on; calls per working day depend on it.",
    "workbook": "",
    "limits": "",
}
"""The keys that nothing in Close speaks for, and what is worth saying where they are not set."""


def decide(account: Account, kept: Settings | None = None) -> list[Decision]:
    """Return what is proposed.

    Args:
        account: what was looked at.
        kept: settings to take over what Close cannot know from.
    """
    return [
        decide_timezone(account),
        *decide_statuses(account),
        *decide_pipelines(account),
        *decide_fields(account),
        *decide_demo(account),
        decide_currency(account),
        *_not_from_close(kept),
    ]


def _not_from_close(kept: Settings | None) -> list[Decision]:
    given: dict[str, Any] = kept.model_dump(mode="json", exclude_defaults=True) if kept else {}
    return [
        Decision(key, given[key], "Kept: nothing in Close says it.")
        if key in given
        else Decision(key, None, open=(said,))
        for key, said in UNKNOWN_TO_CLOSE.items()
        if key in given or said
    ]
