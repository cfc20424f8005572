"""The measurements as a section of docs/benchmarks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TITLE = "Extraction beside two public connectors"

Measured = dict[str, Any]

_BUSY = (
    " **Other programs kept the machine busy: seconds, rows/s and shares of the rate are not those of the tools.** "
    "Rows, requests, processor time and memory are."
)


def marks(title: str) -> tuple[str, str]:
    """Return the marks before and after the section of that title."""
    return f"<!-- {title}: begin (benchmarks.extract) -->", f"<!-- {title}: end -->"


def section(measured: Measured) -> str:
    """Return the section's text."""
    tools = measured["tools"]
    parts = [
        f"## {measured['title']}",
        _conditions(measured),
        "**First load**",
        _runs(tools, "first", is_limited=not measured["free_first_load"]),
        *_daily(measured),
        "**Wrong rows by stream**: missing / stale / deleted but still there.",
        _differences(tools),
        *_ratios(tools),
        *_daily_goal(measured),
        *([_notes(tools)] if len(tools) > 1 else []),
    ]
    return "\n\n".join(parts)


def _conditions(measured: Measured) -> str:
    rows = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in measured["account"].items())
    free = " In the first load, replies take no time and no limit holds." if measured["free_first_load"] else ""
    return (
        f"`{measured['command']}`, {measured['date']}, {measured['cores']} cores, load {measured['load']} at the start."
        f" Account: {rows}. Every reply takes {measured['latency_ms']:g} ms; Close's limits hold (160 requests in 8 s "
        f"and endpoint group, 16 for search).{free} Each tool reads an account of its own and the same changes; a run "
        f"ends after {measured['limit_minutes']:g} minutes. Memory is the peak of the process and its children."
        + (_BUSY if float(measured["load"]) > measured["cores"] / 2 else "")
    )


def _daily(measured: Measured) -> list[str]:
    if "changes" not in measured:
        return []
    changes = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in measured["changes"].items())
    return [f"**Daily sync** after these changes: {changes}", _runs(measured["tools"], "daily")]


def _runs(tools: Sequence[Measured], name: str, *, is_limited: bool = True) -> str:
    head = [
        "tool",
        "rows",
        "seconds",
        "CPU seconds",
        "requests",
        "busiest group",
        "share of its rate",
        "429",
        "peak MB",
    ]
    head += ["missing", "stale", "still there", *(["rows/s"] if name == "first" else [])]
    return _table(head, (_run(tool["name"], tool[name], is_limited)[: len(head)] for tool in tools if name in tool))


def _run(tool: str, run: Measured, is_limited: bool) -> list[str]:
    traffic = run["traffic"]
    share = "under 8 s" if traffic["share"] is None else f"{traffic['share']:.0%}"
    return [
        tool + ("" if run["end"] == "finished" else f" ({run['end']})"),
        f"{run['rows']:,}",
        f"{run['seconds']:.0f}",
        f"{run['cpu_seconds']:.0f}",
        f"{traffic['requests']:,}" + (f" ({traffic['redirects']:,} redirects)" if traffic["redirects"] else ""),
        traffic["busiest"] or "",
        share if is_limited else "no limit",
        str(traffic["refused"]),
        f"{run['peak_mb']:.0f}",
        *(f"{sum(row[key] for row in run['differences'].values()):,}" for key in ("missing", "stale", "undead")),
        f"{run['rows'] / run['seconds']:.0f}",
    ]


def _differences(tools: Sequence[Measured]) -> str:
    streams = list(tools[0]["first"]["differences"])
    rows = (
        [f"{tool['name']}, {name}", *(_difference(tool[name]["differences"][stream]) for stream in streams)]
        for tool in tools
        for name in ("first", "daily")
        if name in tool
    )
    return _table(["", *(stream.replace("_", " ") for stream in streams)], rows)


def _difference(found: Measured) -> str:
    return f"{found['missing']:,} / {found['stale']:,} / {found['undead']:,}"


def _ratios(tools: Sequence[Measured]) -> list[str]:
    """Return sentences that put the first tool beside each other one, in the runs that both finished."""
    ours, *others = tools
    found = []
    for other in others:
        for name, what in (("first", "first load"), ("daily", "daily sync")):
            mine, theirs = ours.get(name), other.get(name)
            if not mine or not theirs or {mine["end"], theirs["end"]} != {"finished"}:
                continue
            pace = (mine["rows"] / mine["seconds"]) / (theirs["rows"] / theirs["seconds"])
            speed = (
                f"{pace:.1f} x the rows/s"
                if name == "first"
                else f"{mine['seconds'] / theirs['seconds']:.2f} x the time"
            )
            requests = mine["traffic"]["requests"] / theirs["traffic"]["requests"]
            memory = mine["peak_mb"] / theirs["peak_mb"]
            found.append(
                f"- {what} against {other['name']}: {speed}, {requests:.2f} x the requests, {memory:.1f} x the memory"
            )
    return ["**" + ours["name"] + " in ratios**", "\n".join(found)] if found else []


def _daily_goal(measured: Measured) -> list[str]:
    goal = measured.get("daily_goal")
    if goal is None:
        return []
    verdict = "met" if goal["requests"] <= goal["allowed"] else "missed"
    groups = ", ".join(f"{name} {count}" for name, count in goal["groups"].items())
    return [
        f"**Requests of the daily sync**: allowed 1.3 x (events / 50 + changed ids / 100 + {goal['constant']}) = "
        f"1.3 x ({goal['events']:,} / 50 + {goal['changed_ids']:,} / 100 + {goal['constant']}) = {goal['allowed']:.0f};"
        f" used {goal['requests']:,}: {verdict}. By endpoint group: {groups}."
    ]


def _notes(tools: Iterable[Measured]) -> str:
    lines = [f"- {tool['name']}: {note}" for tool in tools for note in tool["notes"]]
    return "\n".join([
        "The connectors run as they were published, pinned in `benchmarks/extract/peers/`; only the address of their "
        "requests is redirected. Their output is taken in with the last row of an id winning. They read the compared "
        "streams only; ours reads everything that it needs.",
        *lines,
    ])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
