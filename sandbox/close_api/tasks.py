"""Tasks.

Source: developer.close.com "Tasks".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.close_api.filters import inside, one_of, read_order, read_window, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context


def tasks(context: Context, call: Call) -> Row:
    """Tasks; only those of ``_type`` lead unless others are asked for."""
    rows = context.account["tasks"]

    def search() -> Sequence[str]:
        types = call.values("_type", "_type__in") or ["lead"]
        conditions = inside(read_window(call, "date", exact=True))
        conditions += inside(read_window(call, "due_date", exact=True))
        conditions += one_of("assigned_to", call.values("assigned_to", "assigned_to__in"))
        conditions += one_of("view", call.values("view"))
        complete = call.param("is_complete")
        if complete is not None:
            wanted = complete.lower() in {"true", "1"}
            conditions.append(lambda row: bool(row.get("is_complete")) == wanted)
        order, newest_first = read_order(call, frozenset({"date", "date_created"}))
        ids = select(
            rows,
            types=None if "all" in types else types,
            lead_ids=call.values("lead_id", "lead_id__in"),
            ids=call.values("id", "id__in"),
            created=read_window(call, "date_created", exact=True),
            updated=read_window(call, "date_updated", exact=True),
            conditions=conditions,
            newest_first=newest_first,
        )
        if order == "date":
            ids = sorted(ids, key=lambda row_id: (rows.rows[row_id].get("date") or "", row_id), reverse=newest_first)
        return ids

    found = context.cache.matches(call, rows, search)
    return context.rows(call, "task", rows, found.ids, context.renderer.task)


def task(context: Context, call: Call, task_id: str) -> Row:
    """One task."""
    return context.one(call, context.renderer.task(context.find("tasks", task_id, "Task", call.user)))
