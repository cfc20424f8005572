"""Advanced filtering: cursors that die, walks that end early, a strict body."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

LEADS = {"type": "object_type", "object_type": "lead"}


def field(name: str, object_type: str = "lead") -> dict[str, Any]:
    return {"type": "regular_field", "object_type": object_type, "field_name": name}


def moments(name: str, object_type: str = "lead", **bounds: str) -> dict[str, Any]:
    condition = {bound: {"type": "fixed_utc", "value": value} for bound, value in bounds.items()}
    return {
        "type": "field_condition",
        "field": field(name, object_type),
        "condition": {"type": "moment_range", **condition},
    }


def both(*queries: dict[str, Any]) -> dict[str, Any]:
    return {"type": "and", "queries": list(queries)}


def by(name: str, direction: str = "asc", object_type: str = "lead") -> list[dict[str, Any]]:
    return [{"direction": direction, "field": field(name, object_type)}]


def many_leads(count: int) -> dict[str, list[dict[str, Any]]]:
    return {
        "leads": [
            {"id": f"lead_{n:03d}", "name": f"L{n}", "date_created": f"2026-01-01T00:00:00.{n:03d}+00:00"}
            for n in range(count)
        ]
    }


def search(client: httpx.Client, **body: Any) -> dict[str, Any]:
    reply = client.post("/data/search/", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def ids(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["data"]]


def test_without_fields_come_bare_ids(reader):
    page = search(reader, query=LEADS, sort=by("date_created"))
    assert page == {
        "data": [
            {"__object_type": "lead", "id": "lead_a"},
            {"__object_type": "lead", "id": "lead_b"},
        ],
        "cursor": None,
    }


def test_fields_of_the_object_type_come_when_asked_for(reader):
    page = search(reader, query=LEADS, _fields={"lead": ["name", "custom", "contacts"]}, sort=by("date_created"))
    first = page["data"][0]
    assert (first["id"], first["name"], first["custom.cf_source"]) == ("lead_a", "Alpha", "Web")
    assert first["contacts"][0]["id"] == "cont_a"
    assert "status_id" not in first


def test_cursor_walks_all_pages_once(serve, connect):
    client = connect(serve(many_leads(25)))
    seen: list[str] = []
    page = search(client, query=LEADS, _limit=10, sort=by("date_created"), _skip=5)
    while page["cursor"]:
        seen += ids(page)
        page = search(client, query=LEADS, _limit=10, sort=by("date_created"), cursor=page["cursor"])
    assert seen + ids(page) == [f"lead_{n:03d}" for n in range(25)]


def test_cursor_dies_after_thirty_seconds(serve, connect):
    sandbox = serve(many_leads(25))
    client = connect(sandbox)
    cursor = search(client, query=LEADS, _limit=10)["cursor"]
    sandbox.clock.advance(29)
    assert search(client, query=LEADS, _limit=10, cursor=cursor)["data"]
    sandbox.clock.advance(2)
    reply = client.post("/data/search/", json={"query": LEADS, "_limit": 10, "cursor": cursor})
    assert reply.status_code == 400
    assert "cursor" in reply.json()["field-errors"]


def test_unknown_cursor_is_refused(reader):
    reply = reader.post("/data/search/", json={"query": LEADS, "cursor": "x"})
    assert (reply.status_code, list(reply.json()["field-errors"])) == (400, ["cursor"])


def test_walk_ends_at_the_cap_though_more_match(serve, connect):
    client = connect(serve(many_leads(25), search_cap=20))
    page = search(client, query=LEADS, _limit=10, include_counts=True, sort=by("date_created"))
    assert page["count"] == {"limited": 20, "total": 25}
    last = search(client, query=LEADS, _limit=10, cursor=page["cursor"])
    assert (ids(last)[-1], last["cursor"]) == ("lead_019", None)


def test_results_limit_ends_a_walk(serve, connect):
    client = connect(serve(many_leads(25)))
    page = search(client, query=LEADS, results_limit=5, include_counts=True)
    assert (len(page["data"]), page["cursor"], page["count"]["total"]) == (5, None, 25)


def test_page_above_200_is_refused(reader):
    assert reader.post("/data/search/", json={"query": LEADS, "_limit": 201}).status_code == 400


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"on_or_after": "2026-02-10T10:00:00.250Z"}, ["lead_b"]),
        ({"after": "2026-02-10T10:00:00.250Z"}, []),
        ({"before": "2026-02-10T10:00:00.250Z"}, ["lead_a"]),
        ({"on_or_before": "2026-02-10T10:00:00.250Z"}, ["lead_a", "lead_b"]),
        ({"on_or_after": "2026-01-01T00:00:00Z", "before": "2026-02-01T00:00:00Z"}, ["lead_a"]),
    ],
)
def test_moment_range(reader, bounds, found):
    assert ids(search(reader, query=both(LEADS, moments("date_created", **bounds)), sort=by("date_created"))) == found


def test_local_dates_are_whole_days_of_the_offset(reader):
    condition = {
        "type": "moment_range",
        "on_or_after": {"type": "fixed_local_date", "value": "2026-01-10", "which": "start"},
        "on_or_before": {"type": "fixed_local_date", "value": "2026-01-10", "which": "end"},
    }
    node = {"type": "field_condition", "field": field("date_created"), "condition": condition}
    body = {"query": both(LEADS, node)}
    assert ids(reader.post("/data/search/", json=body).json()) == ["lead_a"]
    assert ids(reader.post("/data/search/", json=body, headers={"x-tz-offset": "-11"}).json()) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"type": "match_all"}, ["lead_a", "lead_b"]),
        ({"type": "id", "value": "lead_b"}, ["lead_b"]),
        ({"type": "id", "value": "lead_b", "negate": True}, ["lead_a"]),
        (
            {"type": "or", "queries": [{"type": "id", "value": "lead_a"}, {"type": "id", "value": "lead_b"}]},
            ["lead_a", "lead_b"],
        ),
        (
            {
                "type": "field_condition",
                "field": field("status_id"),
                "condition": {"type": "reference", "object_ids": ["stat_customer"]},
            },
            ["lead_b"],
        ),
        (
            {
                "type": "field_condition",
                "field": {"type": "custom_field", "custom_field_id": "cf_source"},
                "condition": {"type": "exists"},
            },
            ["lead_a"],
        ),
        (
            {
                "type": "field_condition",
                "field": field("name"),
                "condition": {"type": "term", "values": ["Beta"]},
            },
            ["lead_b"],
        ),
        (
            {
                "type": "has_related",
                "this_object_type": "lead",
                "related_object_type": "activity.call",
                "related_query": {"type": "match_all"},
            },
            ["lead_a"],
        ),
        (moments("date_created", before="2026-02-01T00:00:00Z") | {"negate": True}, ["lead_b"]),
    ],
)
def test_query_nodes(reader, query, found):
    assert ids(search(reader, query=both(LEADS, query), sort=by("date_created"))) == found


@pytest.mark.parametrize(
    ("object_type", "found"),
    [
        ("contact", ["cont_a"]),
        ("opportunity", ["oppo_a", "oppo_b", "oppo_c"]),
        ("activity.call", ["acti_call"]),
        ("activity.lead_status_change", ["acti_change"]),
    ],
)
def test_other_object_types(reader, object_type, found):
    query = {"type": "object_type", "object_type": object_type}
    page = search(reader, query=query, sort=by("date_created", object_type=object_type))
    assert ids(page) == found
    assert {row["__object_type"] for row in page["data"]} == {object_type}


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"type": "object_type", "object_type": "activity.status_change.lead"}},
        {"query": {"type": "match_all"}},
        {"query": both(LEADS, {"type": "saved_search", "saved_search_id": "save_1"})},
        {"query": both(LEADS, moments("no_such_field", before="2026-01-01T00:00:00Z"))},
        {"query": both(LEADS, moments("date_created", before="soon"))},
        {"query": LEADS, "sort": by("id")},
        {"query": LEADS, "sort": by("no_such_field")},
        {"query": LEADS, "_fields": {"lead": [f"custom.cf_{n}" for n in range(101)]}},
        {},
    ],
)
def test_body_that_is_not_understood_is_refused(reader, body):
    reply = reader.post("/data/search/", json=body)
    assert reply.status_code == 400
    assert reply.json()["field-errors"]


def test_sort_by_another_field(reader):
    query = {"type": "object_type", "object_type": "opportunity"}
    page = search(reader, query=query, sort=by("value", "asc", "opportunity"))
    assert ids(page) == ["oppo_a", "oppo_b", "oppo_c"]


def test_index_shows_a_write_after_its_delay(serve, connect):
    sandbox = serve(search_delay=0.2, rate=0)
    client = connect(sandbox)
    made = sandbox.writer.create("leads", {"name": "New"})
    assert made["id"] not in ids(search(client, query=LEADS))
    assert client.get(f"/lead/{made['id']}/").status_code == 200
    deadline = time.monotonic() + 5
    while made["id"] not in ids(search(client, query=LEADS)):
        assert time.monotonic() < deadline
