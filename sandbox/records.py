"""Lays out recorded Close API rows as an account folder, with a kpis.yaml that fits the account.

`python -m sandbox.records SOURCE_FOLDER ACCOUNT_FOLDER`

The source folder holds a JSON Lines file a stream, named as common extractors name them (leads,
opportunities, call_activities, lead_custom_fields, ...). Recordings of several days repeat rows: of each
id the newest is kept. Rows are not changed, with three exceptions: an activity without `_type` gets it
from the name of its file, a custom field is marked with the `object_type` it belongs to, and people whom
rows name but no list of users does are added as departed users.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Row = dict[str, Any]
Account = dict[str, list[Row]]

ACTIVITY_TYPES = {
    "call_activities": "Call",
    "created_activities": "Created",
    "email_activities": "Email",
    "email_thread_activities": "EmailThread",
    "lead_merge_activities": "LeadMerge",
    "lead_status_change_activities": "LeadStatusChange",
    "meeting_activities": "Meeting",
    "note_activities": "Note",
    "opportunity_status_change_activities": "OpportunityStatusChange",
    "sms_activities": "SMS",
    "task_completed_activities": "TaskCompleted",
}
PLAIN = {
    "contacts": "contacts",
    "custom_activities": "custom_activity_types",
    "events": "events",
    "lead_statuses": "lead_statuses",
    "leads": "leads",
    "opportunities": "opportunities",
    "organization": "organization",
    "outcomes": "outcomes",
    "pipelines": "pipelines",
    "users": "users",
}
USER_KEYS = {"user_id": "user_name", "created_by": "created_by_name", "assigned_to": "assigned_to_name"}

# What the labels that Close gives to new accounts mean, and a few that are often added.
STATUS_ROLES = {
    "trial": r"\btrial",
    "customer": r"^(customer|client)s?$",
    "churned": r"^(cancell?ed|churned|former customer)$",
    "lost": r"^(bad fit|not interested|lost|disqualified)$",
}
PIPELINE_ROLES = {"renewal": r"\brenewal", "expansion": r"\b(expansion|upsell)", "ignore": r"\bpartner"}


def lay_out(source: Path, folder: Path) -> Counter[str]:
    """Write the account folder.

    Args:
        source: folder with a JSON Lines file a stream.
        folder: account folder to write; made where it is missing.

    Returns:
        Rows written by resource; `repeated` counts those that were left out as older versions.

    Raises:
        ValueError: the source folder has no file of a known stream.
    """
    found: Account = {}
    for path in sorted(source.glob("*.jsonl")):
        resource, rows = _read(path)
        if resource is not None:
            found.setdefault(resource, []).extend(rows)
    if not found:
        known = ", ".join(sorted({*PLAIN, *ACTIVITY_TYPES}))
        raise ValueError(f"{source} has no recorded stream; expected JSON Lines files such as {known}")
    account = {resource: _newest(rows) for resource, rows in found.items()}
    _nest_statuses(account)
    account.setdefault("users", []).extend(_departed(account))
    folder.mkdir(parents=True, exist_ok=True)
    for resource, rows in account.items():
        with (folder / f"{resource}.jsonl").open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "kpis.yaml").write_text(settings_text(account), encoding="utf-8")
    counts = Counter({resource: len(rows) for resource, rows in account.items()})
    counts["repeated"] = sum(len(rows) - len({row["id"] for row in rows}) for rows in found.values())
    return counts


def _read(path: Path) -> tuple[str | None, list[Row]]:
    """Return the resource that a file belongs to (None: to none that is served) and its rows."""
    stream = path.stem
    with path.open(encoding="utf-8") as lines:
        rows: list[Row] = [json.loads(line) for line in lines if line.strip()]
    if stream in ACTIVITY_TYPES:
        return "activities", [{"_type": ACTIVITY_TYPES[stream], **row} for row in rows]
    if stream == "custom_activities" and any("_type" in row for row in rows):
        return "activities", rows
    if match := re.fullmatch(r"(lead|contact|opportunity|activity|shared)_custom_fields", stream):
        return "custom_fields", [{**row, "object_type": match[1]} for row in rows]
    if stream == "tasks" or stream.endswith("_tasks"):
        return "tasks", rows
    if stream == "opportunity_statuses":
        return stream, rows
    return PLAIN.get(stream), rows


def _newest(rows: Iterable[Row]) -> list[Row]:
    """Return each id once, with its newest date_updated; the later line wins a tie."""
    kept: dict[str, Row] = {}
    for row in rows:
        known = kept.get(row["id"])
        if known is None or _instant(row) >= _instant(known):
            kept[row["id"]] = row
    return list(kept.values())


def _instant(row: Row) -> datetime:
    text = row.get("date_updated")
    if not isinstance(text, str):
        return datetime.min.replace(tzinfo=UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _nest_statuses(account: Account) -> None:
    """Put opportunity statuses that no pipeline lists into theirs; a missing pipeline is made up for them."""
    pipelines = account.setdefault("pipelines", [])
    listed = {status["id"] for pipeline in pipelines for status in pipeline.get("statuses") or ()}
    for status in account.pop("opportunity_statuses", []):
        if status["id"] in listed:
            continue
        wanted = status.get("pipeline_id") or "pipe_recorded"
        pipeline = next((row for row in pipelines if row["id"] == wanted), None)
        if pipeline is None:
            pipeline = {"id": wanted, "name": "Sales", "organization_id": status.get("organization_id")}
            pipelines.append(pipeline)
        entry = {"id": status["id"], "label": status["label"], "type": status["type"]}
        pipeline["statuses"] = [*(pipeline.get("statuses") or ()), entry]


def _departed(account: Account) -> Iterator[Row]:
    """Yield the people whom rows name and the list of users does not."""
    known = {row["id"] for row in account["users"]}
    for resource in ("leads", "opportunities", "activities", "tasks"):
        for row in account.get(resource, ()):
            for key, name_key in USER_KEYS.items():
                user_id = row.get(key)
                if not isinstance(user_id, str) or not user_id.startswith("user_") or user_id in known:
                    continue
                known.add(user_id)
                first, _, last = str(row.get(name_key) or "Departed user").partition(" ")
                yield {"id": user_id, "first_name": first, "last_name": last, "is_active": False}


def settings_text(account: Mapping[str, list[Row]]) -> str:
    """Return a kpis.yaml that names only what the account has, by what its labels suggest."""
    settings: Row = {"timezone": _timezone(account), "lead_statuses": {}, "pipelines": {}}
    labels = [row["label"] for row in account.get("lead_statuses", ())]
    for role, pattern in STATUS_ROLES.items():
        if named := [label for label in labels if re.search(pattern, label, re.IGNORECASE)]:
            settings["lead_statuses"][role] = named
    for pipeline in account.get("pipelines", ()):
        roles = (role for role, pattern in PIPELINE_ROLES.items() if re.search(pattern, pipeline["name"], re.I))
        settings["pipelines"].setdefault(next(roles, "new"), []).append(pipeline["id"])
    fields = [row for row in account.get("custom_fields", ()) if row["object_type"] in {"lead", "shared"}]
    source = next((row for row in fields if re.search(r"\bsource\b", row["name"], re.IGNORECASE)), None)
    owner = next((row for row in fields if row.get("type") == "user"), None)
    settings |= {key: row["id"] for key, row in (("source_field", source), ("owner_field", owner)) if row}
    currency = {row.get("value_currency") for row in account.get("opportunities", ())} - {None}
    settings["currency"] = next(iter(currency)) if len(currency) == 1 else "USD"
    head = "# Guessed from the account's own labels; what no label suggests is left at its default.\n"
    return head + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def _timezone(account: Mapping[str, list[Row]]) -> str:
    """Return the zone that most of the present users work in, UTC where nobody says."""
    users = [row for row in account.get("users", ()) if row.get("is_active") is not False]
    zones = Counter(row["last_used_timezone"] for row in users if row.get("last_used_timezone"))
    return zones.most_common(1)[0][0] if zones else "UTC"


def main() -> None:
    """Read the two folders from the command line and print what was written."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.records",
        description="Lay out recorded Close API rows as an account folder.",
    )
    parser.add_argument("source", type=Path, help="folder with a JSON Lines file a stream")
    parser.add_argument("account", type=Path, help="account folder to write")
    options = parser.parse_args()
    for resource, count in sorted(lay_out(options.source, options.account).items()):
        print(f"{resource:30} {count:>7}")


if __name__ == "__main__":
    main()
