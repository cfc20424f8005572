"""What was deleted in Close leaves every number (definitions, section 1), whatever it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.lake.sql import kpi_tables
from tests.kpis.small_account import SmallAccount

if TYPE_CHECKING:
    from pathlib import Path

RULES: dict[str, dict[str, Any]] = {
    "meeting": {"rule": "meeting"},
    "custom_activity": {"rule": "custom_activity", "type": "Demo held"},
    "opportunity_status": {"rule": "opportunity_status", "status": "Demo done"},
    "task": {"rule": "task"},
}
COUNTED = ("calls", "emails", "sms", "notes", "whatsapp_messages")


def account_of(folder: Path, rule: str) -> SmallAccount:
    account = SmallAccount(folder)
    account.settings |= {
        "demo": RULES[rule],
        "streams": dict.fromkeys(COUNTED[2:], True),
        "counted_activities": list(COUNTED),
    }
    account.rows["custom_activity_types"] = [{"id": "type_1", "name": "Demo held"}]
    account.rows["opportunity_statuses"] = [{"id": "stat_demo", "label": "Demo done", "type": "active"}]
    account.user("ann")
    account.moves("acme", "2026-01-02", ("2026-02-02", "Customer"))
    account.deal("won", "acme", won="2026-02-02", value=120_000, user_id="ann")
    return account


def add_one_of_each(account: SmallAccount) -> tuple[str, ...]:
    """Add a record of every kind, each of which some number counts; return their ids."""
    account.lead("early", "2025-11-01", "Customer")
    account.deal("more", "acme", won="2026-03-03", value=12_000, user_id="ann")
    account.change("acme", "2026-04-04", "Customer", "Churned")
    account.deal("open", "acme", created="2026-03-01", user_id="ann")
    for stream, columns in {
        "calls": {},
        "emails": {},
        "sms": {"direction": "outbound", "status": "sent"},
        "notes": {},
        "whatsapp_messages": {"direction": "outgoing"},
        "meetings": {},
        "custom_activities": {"custom_activity_type_id": "type_1"},
        "opportunity_status_changes": {"opportunity_id": "open", "new_status_id": "stat_demo"},
        "task_completions": {"task_id": "task", "task_text": "Give demo"},
    }.items():
        account.activity(stream, f"one_of_{stream}", "2026-03-05", "acme", **{"user_id": "ann", **columns})
    return tuple(row["id"] for rows in account.rows.values() for row in rows)


def numbers(account: SmallAccount) -> dict[str, Any]:
    account.compute()
    return {table: account.table(f"from kpi.{table} order by all") for table in kpi_tables() if table != "computations"}


@pytest.mark.parametrize("rule", RULES)
def test_records_that_are_deleted_leave_every_number(tmp_path: Path, rule: str) -> None:
    account = account_of(tmp_path, rule)
    ours = {row["id"] for rows in account.rows.values() for row in rows}
    account.sync()
    without = numbers(account)

    added = add_one_of_each(account)
    account.sync()
    account.compute()
    march = account.month("kpi.rep_monthly", "2026-03", "ann")
    assert (march["new_demos"], march["won_opportunities"], march["activities"]) == (1, 1, len(COUNTED))
    assert account.month("kpi.growth_monthly", "2025-11")["new_customers"] == 1
    assert account.month("kpi.growth_monthly", "2026-04")["churned_customers"] == 1

    account.sync(deleted=tuple(sorted(set(added) - ours)))
    assert numbers(account) == without


def test_what_a_deleted_lead_or_one_never_seen_has_done_leaves_every_number(tmp_path: Path) -> None:
    """Its status changes, deals and calls are in the lake as they were: only the lead is gone."""
    account = account_of(tmp_path, "meeting")
    account.sync()
    without = numbers(account)

    account.moves("gone", "2025-11-01", ("2026-03-02", "Customer"), ("2026-05-02", "Churned"))
    account.deal("of_gone", "gone", won="2026-03-02", value=70_000, user_id="ann")
    account.activity("calls", "call_of_gone", "2026-03-03", "gone", user_id="ann")
    account.sync()
    assert numbers(account) != without

    # In a month in which she has a row: whoever has any activity has one.
    account.change("never_seen", "2026-02-04", "Potential", "Customer", user_id="ann")
    account.sync(deleted=("gone",))
    assert numbers(account) == without
