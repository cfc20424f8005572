"""Offset paging with its traps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.close_api.small_account import calls

if TYPE_CHECKING:
    import httpx


def ids(reply: httpx.Response) -> list[str]:
    return [row["id"] for row in reply.json()["data"]]


def test_pages_are_newest_first_and_complete(serve, connect):
    client = connect(serve({"activities": calls(25)}))
    seen: list[str] = []
    for skip in (0, 10, 20):
        seen += ids(client.get("/activity/call/", params={"_limit": 10, "_skip": skip}))
    assert seen == [f"acti_{place:04d}" for place in reversed(range(25))]


def test_default_page_has_100_rows(serve, connect):
    client = connect(serve({"activities": calls(101)}))
    assert len(ids(client.get("/activity/call/"))) == 100


def test_exactly_full_last_page_has_no_more(serve, connect):
    client = connect(serve({"activities": calls(20)}))
    assert client.get("/activity/call/?_limit=10").json()["has_more"] is True
    assert client.get("/activity/call/?_limit=10&_skip=10").json()["has_more"] is False


def test_limit_zero_has_more_but_no_data(reader):
    reply = reader.get("/lead/?_limit=0").json()
    assert (reply["data"], reply["has_more"], reply["total_results"]) == ([], True, 2)


def test_pipelines_have_no_has_more(reader):
    assert set(reader.get("/pipeline/").json()) == {"data"}
    assert reader.get("/status/lead/").json()["has_more"] is False


@pytest.mark.parametrize(
    ("path", "query", "text"),
    [
        ("/activity/call/", "_limit=x", '_limit must be an integer (got "x" instead).'),
        ("/activity/call/", "_skip=1.5", '_skip must be an integer (got "1.5" instead).'),
        ("/activity/call/", "_skip=-1", '_skip must be a non-negative integer (got "-1" instead).'),
        ("/activity/call/", "_limit=101", "(max_limit = 100)."),
        ("/lead/", "_limit=201", "(max_limit = 200)."),
        ("/opportunity/", "_limit=251", "(max_limit = 250)."),
        ("/task/", "_limit=1001", "(max_limit = 1000)."),
        ("/event/", "_limit=51", "(max_limit = 50)."),
        (
            "/activity/email/",
            "_skip=250001",
            "The skip you set is larger than the maximum skip for this resource (max_skip = 250000). "
            "Please refine your search query.",
        ),
    ],
)
def test_bad_page_is_refused_with_the_real_text(reader, path, query, text):
    reply = reader.get(f"{path}?{query}")
    assert reply.status_code == 400
    assert reply.json()["error"].endswith(text)


def test_skip_at_its_cap_works_and_above_it_not(serve, connect):
    client = connect(serve({"activities": calls(40)}, max_skip_by_resource={"activity": 30}))
    assert len(ids(client.get("/activity/call/?_skip=30"))) == 10
    assert client.get("/activity/call/?_skip=31").status_code == 400
    assert client.get("/lead/?_skip=31").status_code == 200


def test_row_that_arrives_between_pages_repeats_one(serve, connect):
    sandbox = serve({"activities": calls(20)})
    client = connect(sandbox)
    first = ids(client.get("/activity/call/?_limit=10"))
    sandbox.writer.create("activities", {"_type": "Call"})
    second = ids(client.get("/activity/call/?_limit=10&_skip=10"))
    assert first[-1] == second[0]


def test_row_that_goes_between_pages_hides_one(serve, connect):
    sandbox = serve({"activities": calls(20)})
    client = connect(sandbox)
    first = ids(client.get("/activity/call/?_limit=10"))
    sandbox.writer.delete("activities", first[0])
    second = ids(client.get("/activity/call/?_limit=10&_skip=10"))
    assert len({*first, *second}) == 19


def test_unsorted_lead_pages_shift_and_sorted_ones_do_not(serve, connect):
    leads = [{"id": f"lead_{n:03d}", "date_created": f"2026-01-01T00:00:00.{n:03d}+00:00"} for n in range(60)]
    client = connect(serve({"leads": leads}))

    def walk(query: str) -> set[str]:
        pages = (client.get("/lead/", params={"_limit": 20, "_skip": skip, "query": query}) for skip in (0, 20, 40))
        return {row_id for page in pages for row_id in ids(page)}

    assert len(walk("")) < 60
    assert len(walk("sort:-created")) == 60


def test_unknown_filter_and_order_are_ignored(reader):
    everything = ids(reader.get("/opportunity/"))
    assert ids(reader.get("/opportunity/?date_create__gte=2027-01-01&pipeline_id=no")) == everything
    assert ids(reader.get("/opportunity/?_order_by=status_label")) == everything
    assert ids(reader.get("/activity/call/?_order_by=date_created&date_updated__gte=2030-01-01")) == ["acti_call"]


def test_fields_are_the_only_ones_returned(reader):
    rows = reader.get("/lead/", params={"_fields": "name,nonsense", "_limit": 1}).json()["data"]
    assert [set(row) for row in rows] == [{"name"}]


def test_custom_stands_for_all_custom_fields(reader):
    row = reader.get("/lead/lead_a/", params={"_fields": "id,custom"}).json()
    assert row == {"id": "lead_a", "custom.cf_source": "Web"}
    row = reader.get("/lead/lead_a/", params={"_fields": "custom.cf_source"}).json()
    assert row == {"custom.cf_source": "Web"}
