"""What a demo is and which calls and e-mails count: definitions, sections 5 and 6."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle import when

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from tests.oracle.account import Account, Activity


@dataclass(frozen=True)
class Demo:
    """A demo done; `on` is its local day."""

    id: str
    lead_id: str | None
    user_id: str | None
    at: datetime
    on: date


def is_counted_call(call: Activity) -> bool:
    """Say whether a call counts.

    "Outbound and `status` not in cancel, failed, created, in-progress; or inbound with `disposition`
    answered (or, where disposition is null, `duration` > 0)".
    """
    row = call.row
    if row.get("direction") == "outbound":
        return row.get("status") not in {"cancel", "failed", "created", "in-progress"}
    if row.get("direction") == "inbound":
        disposition = row.get("disposition")
        return disposition == "answered" or (disposition is None and (row.get("duration") or 0) > 0)
    return False


def is_counted_email(email: Activity, *, count_automated: bool) -> bool:
    """Definitions: "outgoing, status sent, not automated (no `sequence_id`, no `bulk_email_action_id`)"."""
    row = email.row
    is_automated = bool(row.get("sequence_id") or row.get("bulk_email_action_id"))
    return row.get("direction") == "outgoing" and row.get("status") == "sent" and (count_automated or not is_automated)


def demos(account: Account) -> list[Demo]:
    """Return the demos done: "at most one demo per lead and local day", the earliest."""
    rule = {
        "meeting": _meetings,
        "custom_activity": _custom_activities,
        "opportunity_status": _status_changes,
        "task": _tasks,
    }[account.settings.demo_rule]
    found = sorted(rule(account), key=lambda demo: (demo.at, demo.id))
    taken: set[tuple[str, date]] = set()
    kept = []
    for demo in found:
        if demo.lead_id is not None:
            if (demo.lead_id, demo.on) in taken:
                continue
            taken.add((demo.lead_id, demo.on))
        kept.append(demo)
    return kept


def _demo(account: Account, activity: Activity, at: datetime) -> Demo:
    return Demo(activity.id, activity.lead_id, activity.user_id, at, account.local(at))


def _meetings(account: Account) -> Iterable[Demo]:
    """Yield demos by rule `meeting`.

    "Title matches `title_pattern`, `status` completed, or null with `ends_at` <= as_of, and its outcome
    is not in `exclude_outcomes`; dated by `starts_at`".
    """
    for meeting in account.of_type("Meeting"):
        row = meeting.row
        starts, ends = (
            at if when.is_believed(at := when.instant(row.get(name)), account.as_of) else None
            for name in ("starts_at", "ends_at")
        )
        is_over = row.get("status") == "completed" or (
            row.get("status") is None and ends is not None and ends <= account.as_of
        )
        is_named = re.search(account.settings.title_pattern, row.get("title") or "") is not None
        if is_over and is_named and starts and row.get("outcome_id") not in account.settings.excluded_outcomes:
            yield _demo(account, meeting, starts)


def _custom_activities(account: Account) -> Iterable[Demo]:
    """Yield demos by rule `custom_activity`: "of the named type, published; dated by `activity_at`"."""
    for activity in account.of_type("CustomActivity"):
        if (
            activity.row.get("custom_activity_type_id") in account.settings.demo_types
            and activity.row.get("status") == "published"
            and activity.at
        ):
            yield _demo(account, activity, activity.at)


def _status_changes(account: Account) -> Iterable[Demo]:
    """Yield changes "into the named status; first time per opportunity"."""
    seen: set[str] = set()
    dated = [change for change in account.of_type("OpportunityStatusChange") if change.at]
    changes = sorted(dated, key=lambda change: (change.at, change.id))
    for change in changes:
        opportunity = change.row["opportunity_id"]
        if (
            change.row.get("new_status_id") in account.settings.demo_statuses
            and opportunity not in seen
            and opportunity not in account.uncounted
        ):
            seen.add(opportunity)
            yield _demo(account, change, change.at or account.as_of)


def _tasks(account: Account) -> Iterable[Demo]:
    """Yield the last completion of each "task whose text matches the pattern"."""
    last: dict[str, Activity] = {}
    dated = [done for done in account.of_type("TaskCompleted") if done.at]
    for done in sorted(dated, key=lambda done: (done.at, done.id)):
        if re.search(account.settings.text_pattern, done.row.get("task_text") or ""):
            last[done.row.get("task_id") or done.id] = done
    for done in last.values():
        yield _demo(account, done, done.at or account.as_of)
