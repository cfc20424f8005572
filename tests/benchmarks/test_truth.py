"""What the benchmark counts as missing, stale and still there."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.extract.messages import Held, take_airbyte, take_singer
from benchmarks.extract.rate import traffic, used_share
from benchmarks.extract.truth import compare, kept

if TYPE_CHECKING:
    from pathlib import Path

DEAL = {"id": "oppo_1", "status_id": "stat_1", "date_updated": "2026-01-01T00:00:00+00:00"}


def written(folder: Path, *messages: dict[str, Any]) -> Path:
    path = folder / "out"
    path.write_text("".join(f"{json.dumps(message)}\n" for message in messages) + '{"type": "REC', encoding="utf-8")
    return path


def lead(*opportunities: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "leads", "record": {"id": "lead_1", "opportunities": list(opportunities)}}


@given(fates=st.dictionaries(st.integers(), st.sampled_from(["right", "missing", "stale", "undead"])))
def test_every_wrong_row_is_counted_once_and_by_what_is_wrong(fates: dict[int, str]) -> None:
    account = {str(row): {"status": "new"} for row, fate in fates.items() if fate != "undead"}
    delivered = {
        str(row): {"status": "old" if fate == "stale" else "new"} for row, fate in fates.items() if fate != "missing"
    }
    found = compare(account, delivered)
    counts = Counter(fates.values())
    assert (found.missing, found.stale, found.undead) == (counts["missing"], counts["stale"], counts["undead"])
    assert found.rows == counts["right"] + counts["stale"] + counts["undead"]


def test_times_are_equal_in_any_notation() -> None:
    ours = kept("calls", [{"id": "a", "date_updated": "2026-01-02T03:04:05.600000+00:00"}])
    theirs = kept("calls", [{"id": "a", "date_updated": "2026-01-02T04:04:05.6+01:00"}])
    assert compare(ours, theirs).stale == 0


def test_field_that_a_tool_does_not_deliver_is_not_held_against_it() -> None:
    found = compare({"a": {"id": "a", "outcome_id": "x", "status": "new"}}, {"a": {"id": "a", "status": "old"}})
    assert (found.stale, found.fields) == (1, {"status": 1})


def test_last_row_of_an_id_wins_and_state_is_kept(tmp_path: Path) -> None:
    held = Held()
    rows = [{"id": "lead_1", "status_id": status} for status in ("stat_1", "stat_2")]
    records = [{"type": "RECORD", "record": {"stream": "leads", "data": row}} for row in rows]
    stream = {"stream_descriptor": {"name": "leads"}, "stream_state": {"date_updated": "2026-01-01"}}
    take_airbyte(held, written(tmp_path, *records, {"type": "STATE", "state": {"type": "STREAM", "stream": stream}}))
    assert held.rows["leads"] == {"lead_1": {"id": "lead_1", "status_id": "stat_2"}}
    assert held.state == [{"type": "STREAM", "stream": stream}]


def test_opportunity_that_left_its_lead_is_dropped(tmp_path: Path) -> None:
    held = Held()
    take_singer(held, written(tmp_path, lead(DEAL)))
    assert held.rows["opportunities"].keys() == {"oppo_1"}
    take_singer(held, written(tmp_path, lead()))
    assert held.rows["opportunities"] == {}


def test_share_is_of_the_whole_windows_that_a_group_was_asked_in() -> None:
    steady = [number / 10 for number in range(170)]
    assert used_share(steady, "GET /activity/call/") == 0.5
    assert used_share(steady, "POST /data/search/") == 5.0
    assert used_share(steady[:70], "GET /activity/call/") is None


def test_redirects_and_refusals_use_no_budget() -> None:
    found = traffic([(0.0, "GET /lead/", 308), (0.3, "GET /lead/", 200), (0.6, "GET /lead/", 429)])
    assert (found.requests, found.redirects, found.refused, found.groups) == (3, 1, 1, {"GET /lead/": 1})
