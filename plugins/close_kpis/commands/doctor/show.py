"""What the doctor found, as tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from close_kpis.commands.doctor.demos import frequent_words, outcome_counts
from close_kpis.commands.doctor.fields import examples, read_fills
from close_kpis.commands.doctor.statuses import read_flow
from close_kpis.commands.output import table

if TYPE_CHECKING:
    from close_kpis.commands.doctor.findings import Finding
    from close_kpis.commands.doctor.sample import AccountSample


def shown_connections(findings: list[Finding]) -> str:
    """Return the connections' outcomes, a line each."""
    return "\n".join(f"{'ok    ' if one.works else 'FAILED'}  {one.name}: {one.said}" for one in findings)


def shown_account(account: AccountSample) -> str:
    """Return what was seen in the account."""
    parts = [
        ("What was looked at", _samples(account)),
        ("Lead status changes: from (down) to (across)", _transitions(account)),
        ("Custom fields of leads", _fields(account)),
        ("Words in titles of meetings", _titles(account)),
        ("Outcomes of meetings", _outcomes(account)),
        ("Custom activity types", _activity_types(account)),
        ("Pipelines and their opportunities", _pipelines(account)),
    ]
    return "\n\n".join(f"{title}\n\n{body}" for title, body in parts)


def _samples(account: AccountSample) -> str:
    organization = next(iter(account.rows("organization")), {})
    rows = [
        {"records": name.replace("_", " "), "seen": len(rows), "of": "all" if name in account.whole else "the newest"}
        for name, rows in account.samples.items()
    ]
    head = f"{organization.get('name')}: {len(account.rows('users'))} users, {account.requests} requests"
    return f"{head}\n\n{table(['records', 'seen', 'of'], rows)}"


def _transitions(account: AccountSample) -> str:
    flow = read_flow(account)
    if not flow.moves:
        return "no changes were seen"
    order = [*(row["id"] for row in account.rows("lead_statuses")), *flow.labels]
    ids = [one for one in dict.fromkeys(order) if any(one in move for move in flow.moves)]
    present = {row["id"] for row in account.rows("lead_statuses")}
    label = {one: flow.labels[one] + ("" if one in present else " (deleted)") for one in ids}
    rows: list[dict[str, Any]] = [
        {"from": label[old], **{new: flow.moves[old, new] or None for new in ids}} for old in ids
    ]
    named = [{"from": row["from"], **{label[new]: row[new] for new in ids}} for row in rows]
    return table(["from", *(label[new] for new in ids)], named)


def _fields(account: AccountSample) -> str:
    rows = [
        {
            "field": fill.name,
            "of": fill.field["object_type"],
            "type": fill.field["type"],
            "filled": f"{fill.filled / fill.leads:.0%}" if fill.leads else "",
            "values": len(fill.values),
            "most frequent": examples(fill),
        }
        for fill in read_fills(account)
    ]
    return table(["field", "of", "type", "filled", "values", "most frequent"], rows) if rows else "none"


def _titles(account: AccountSample) -> str:
    meetings = len(account.rows("meetings"))
    rows = [
        {"word": word, "meetings": count, "share": f"{count / meetings:.0%}"} for word, count in frequent_words(account)
    ]
    return table(["word", "meetings", "share"], rows) if rows else "no meetings were seen"


def _outcomes(account: AccountSample) -> str:
    seen = outcome_counts(account)
    rows = [{"outcome": row["name"], "meetings": seen[row["id"]]} for row in account.rows("outcomes")]
    return table(["outcome", "meetings"], [*rows, {"outcome": "(none)", "meetings": seen[None]}])


def _activity_types(account: AccountSample) -> str:
    seen = Counter(row["custom_activity_type_id"] for row in account.rows("custom_activities"))
    rows = [{"type": row["name"], "seen": seen[row["id"]]} for row in account.rows("custom_activity_types")]
    return table(["type", "seen"], rows) if rows else "none"


def _pipelines(account: AccountSample) -> str:
    columns = ["pipeline", "seen", "won", "monthly", "annual", "one_time", "without value"]
    rows = []
    for pipeline in account.rows("pipelines"):
        deals = [row for row in account.rows("opportunities") if row["pipeline_id"] == pipeline["id"]]
        periods = Counter(row["value_period"] for row in deals)
        rows.append({
            "pipeline": pipeline["name"],
            "seen": len(deals),
            "won": sum(1 for row in deals if row["status_type"] == "won"),
            **{period: periods[period] for period in ("monthly", "annual", "one_time")},
            "without value": sum(1 for row in deals if row["value"] is None),
        })
    return table(columns, rows) if rows else "none"
