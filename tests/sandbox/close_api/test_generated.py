"""A generated account is served, changed and told as a folder's is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.close_api import CloseSandbox, Generated
from sandbox.close_api.generated.packed import PackedIds
from tests.sandbox.close_api.small_account import client_of

ROOT = Path(__file__).resolve().parents[3]
SIZE = Generated(leads=600, activities=1_500, opportunities=200, contacts=150, tasks=100, users=12)
BYTES_A_ROW = 150

LISTS = [
    ("leads", "/lead/?query=sort:-created", 200),
    ("contacts", "/contact/?", 100),
    ("opportunities", "/opportunity/?", 250),
    ("activities", "/activity/?", 100),
    ("tasks", "/task/?", 1000),
]


@pytest.fixture(scope="module")
def generated():
    with CloseSandbox(SIZE, rate=0) as sandbox, client_of(sandbox) as client:
        yield sandbox, client


@pytest.fixture
def changed():
    """A generated account after a hundred changes."""
    with CloseSandbox(SIZE, rate=0) as sandbox, client_of(sandbox) as client:
        made = sandbox.change(edits=50, creates=30, deletes=20, seed=3)
        yield sandbox, client, made


def all_rows(client: httpx.Client, path: str, limit: int, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = client.get(f"{path}&_limit={limit}&_skip={len(rows)}", params=None).json()
        rows += page["data"]
        if not page["has_more"]:
            return rows


def truth_of(sandbox: CloseSandbox, resource: str) -> dict[str, str]:
    return {row["id"]: row["date_updated"] for row in sandbox.rows(resource, ["id", "date_updated"])}


@given(st.integers(0, 10**9), st.sampled_from(["lead", "acti"]), st.integers(0, 50))
def test_an_id_holds_its_position_and_sorts_as_it_does(position, prefix, seed):
    ids = PackedIds(prefix, seed)
    first, second = ids.of([position, position + 1])
    assert first < second
    assert ids.position(first) == position
    assert PackedIds(prefix, seed + 1).position(first) is None


def test_the_same_size_and_seed_are_the_same_account():
    def rows(seed: int) -> list[dict[str, Any]]:
        return list(CloseSandbox(Generated(leads=50, activities=50, opportunities=20, seed=seed)).rows("activities"))

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


@pytest.mark.parametrize(("resource", "path", "limit"), LISTS)
def test_walking_a_list_gives_every_row_once_newest_first(generated, resource, path, limit):
    sandbox, client = generated
    rows = all_rows(client, path, limit)
    assert len(rows) == len({row["id"] for row in rows}) == len(sandbox.account[resource])
    assert {row["id"]: row["date_updated"] for row in rows} == truth_of(sandbox, resource)
    created = [row["date_created"] for row in rows]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize(("resource", "path", "limit"), LISTS)
def test_fields_alone_are_those_of_the_whole_row(changed, resource, path, limit):
    _, client, _ = changed
    page = f"{path}&_limit={min(limit, 100)}"
    whole = client.get(page).json()["data"]
    for name in {name for row in whole for name in row if not name.startswith("custom.")}:
        alone = client.get(f"{page}&_fields=id,{name}").json()["data"]
        assert alone == [{key: row[key] for key in ("id", name) if key in row} for row in whole]


def test_custom_fields_can_be_asked_for_together(generated):
    _, client = generated
    whole = client.get("/lead/?query=sort:-created&_limit=200").json()["data"]
    alone = client.get("/lead/?query=sort:-created&_limit=200&_fields=id,custom").json()["data"]
    assert alone == [
        {name: value for name, value in row.items() if name == "id" or name.startswith("custom.")} for row in whole
    ]
    assert {len(row) for row in alone} == {2, 3}


def test_windows_of_creation_are_complete_and_disjoint(generated):
    _, client = generated
    rows = all_rows(client, "/activity/call/?_fields=id,date_created", 100)
    middle = rows[len(rows) // 3]["date_created"].replace("+", "%2B")
    before = all_rows(client, f"/activity/call/?_fields=id,date_created&date_created__lt={middle}", 100)
    after = all_rows(client, f"/activity/call/?_fields=id,date_created&date_created__gte={middle}", 100)
    assert after + before == rows
    assert before
    assert after


def test_opportunities_are_found_by_update(generated):
    sandbox, client = generated
    truth = sorted(truth_of(sandbox, "opportunities").items(), key=lambda row: row[1])
    bound = truth[len(truth) // 2][1]
    rows = all_rows(client, f"/opportunity/?date_updated__gte={bound.replace('+', '%2B')}", 250)
    assert {row["id"] for row in rows} == {row_id for row_id, at in truth if at >= bound}


def test_totals_are_those_of_the_rows(changed):
    _, client, _ = changed
    page = client.get("/opportunity/?_limit=1").json()
    rows = all_rows(client, "/opportunity/?", 250)
    assert page["total_results"] == len(rows)
    monthly = [row["value"] or 0 for row in rows if row["value_period"] == "monthly"]
    assert page["total_value_monthly"] == sum(monthly)
    assert page["total_value_annualized"] == sum(row["annualized_value"] or 0 for row in rows)


def test_rows_are_found_by_id_and_by_lead(generated):
    _, client = generated
    rows = client.get("/activity/call/?_limit=20&_skip=7").json()["data"]
    ids = ",".join(row["id"] for row in reversed(rows))
    assert client.get(f"/activity/call/?id__in={ids}").json()["data"] == rows
    assert client.get(f"/activity/note/?id__in={ids}").json()["data"] == []
    assert client.get(f"/activity/call/{rows[0]['id']}/").json() == rows[0]
    on_lead = client.get("/activity/", params={"lead_id": rows[0]["lead_id"]}).json()["data"]
    assert rows[0]["id"] in {row["id"] for row in on_lead}
    assert {row["lead_id"] for row in on_lead} == {rows[0]["lead_id"]}


def test_statuses_agree_with_the_changes_that_led_to_them(generated):
    sandbox, _ = generated
    last: dict[str, str] = {}
    for row in sandbox.rows("activities", kind="LeadStatusChange"):
        assert last.get(row["lead_id"], row["old_status_id"]) == row["old_status_id"]
        last[row["lead_id"]] = row["new_status_id"]
    for row in sandbox.rows("leads", ["id", "status_id", "date_created"]):
        assert last.get(row["id"], row["status_id"]) == row["status_id"]
    deals = {row["id"]: row for row in sandbox.rows("opportunities")}
    for row in sandbox.rows("activities", kind="OpportunityStatusChange"):
        assert row["new_status_id"] == deals[row["opportunity_id"]]["status_id"]


def search_leads(client: httpx.Client, **body: Any) -> list[str]:
    query = {"type": "object_type", "object_type": "lead"}
    field = {"type": "regular_field", "object_type": "lead", "field_name": "date_updated"}
    body = {"query": query, "_limit": 200, "sort": [{"direction": "asc", "field": field}], **body}
    found: list[str] = []
    while True:
        page = client.post("/data/search/", json=body).json()
        found += [row["id"] for row in page["data"]]
        if page["cursor"] is None:
            return found
        body["cursor"] = page["cursor"]


def test_search_finds_leads_in_the_order_of_their_update(changed):
    sandbox, client, _ = changed
    truth = truth_of(sandbox, "leads")
    found = search_leads(client)
    assert sorted(found) == sorted(truth)
    assert [truth[row_id] for row_id in found] == sorted(truth.values())


def test_search_by_ids_finds_those_leads_alone(generated):
    sandbox, client = generated
    wanted = list(truth_of(sandbox, "leads"))[5:9]
    either = {"type": "or", "queries": [{"type": "id", "value": row_id} for row_id in [*wanted, "lead_none"]]}
    query = {"type": "and", "queries": [{"type": "object_type", "object_type": "lead"}, either]}
    assert sorted(search_leads(client, query=query)) == sorted(wanted)


def test_changes_are_rows_and_events(changed):
    _, client, made = changed
    assert {client.get(f"/lead/{row_id}/").status_code for row_id in made["creates"]["leads"]} == {200}
    for resource, path in (("leads", "lead"), ("opportunities", "opportunity"), ("activities", "activity")):
        assert {client.get(f"/{path}/{row_id}/").status_code for row_id in made["deletes"][resource]} == {404}
    assert Counter(len(ids) for ids in made["edits"].values()) == {17: 2, 16: 1}
    logged: set[tuple[str, str]] = set()
    address = "/event/?_limit=50"
    while True:
        page = client.get(address).json()
        logged |= {(row["object_id"], row["action"]) for row in page["data"]}
        if page["cursor_next"] is None:
            break
        address = f"/event/?_limit=50&_cursor={page['cursor_next']}"
    for action, done in (("updated", "edits"), ("created", "creates"), ("deleted", "deletes")):
        assert {(row_id, action) for ids in made[done].values() for row_id in ids} <= logged


@pytest.mark.parametrize(("resource", "path", "limit"), LISTS)
def test_a_changed_account_is_walked_as_it_is_told(changed, resource, path, limit):
    sandbox, client, _ = changed
    rows = all_rows(client, path, limit)
    assert {row["id"]: row["date_updated"] for row in rows} == truth_of(sandbox, resource)
    assert len(rows) == len(sandbox.account[resource])


def test_deleting_a_lead_takes_what_is_on_it(generated):
    with CloseSandbox(SIZE, rate=0) as sandbox, client_of(sandbox) as client:
        deal = next(iter(sandbox.rows("opportunities")))
        lead_id = deal["lead_id"]
        assert client.delete(f"/lead/{lead_id}/").status_code == 200
        assert client.get(f"/opportunity/{deal['id']}/").status_code == 404
        assert client.get("/activity/", params={"lead_id": lead_id}).json()["data"] == []
        assert lead_id not in truth_of(sandbox, "leads")


def test_a_search_that_has_begun_shows_changes_and_leaves_out_what_was_deleted():
    with CloseSandbox(SIZE, rate=0) as sandbox, client_of(sandbox) as client:
        field = {"type": "regular_field", "object_type": "lead", "field_name": "date_created"}
        body: dict[str, Any] = {
            "query": {"type": "object_type", "object_type": "lead"},
            "sort": [{"direction": "asc", "field": field}],
            "_limit": 5,
            "_fields": {"lead": ["display_name"]},
        }
        cursor = client.post("/data/search/", json=body).json()["cursor"]
        ids = [row["id"] for row in sandbox.rows("leads", ["id"])]
        sandbox.writer.update("leads", ids[6], {"name": "Renamed"})
        sandbox.writer.delete("leads", ids[7])
        page = client.post("/data/search/", json={**body, "cursor": cursor}).json()["data"]
        assert [row["id"] for row in page] == [ids[5], ids[6], ids[8], ids[9]]
        assert page[1]["display_name"] == "Renamed"


def test_changes_outlive_a_restart(tmp_path):
    first = CloseSandbox(SIZE, state=tmp_path)
    first.change(edits=10, creates=10, deletes=5)
    again = CloseSandbox(SIZE, state=tmp_path)
    assert truth_of(again, "leads") == truth_of(first, "leads")
    assert truth_of(again, "activities") == truth_of(first, "activities")


def test_truth_and_changes_over_http_from_the_program(tmp_path):
    port_file = tmp_path / "port"
    command = [
        sys.executable,
        "-m",
        "sandbox.close_api",
        "--generated",
        "leads=50,activities=80,opportunities=9",
    ]
    process = subprocess.Popen([*command, "--port-file", str(port_file)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        with httpx.Client(base_url=f"http://127.0.0.1:{port_file.read_text().strip()}/_sandbox") as control:
            made = control.post("/changes", json={"creates": 3, "resources": ["leads"]}).json()
            lines = control.get("/rows/leads?fields=id,status_label").text.splitlines()
            rows = [json.loads(line) for line in lines]
            assert len(rows) == 53
            assert set(made["creates"]["leads"]) <= {row["id"] for row in rows}
            assert all(row.keys() == {"id", "status_label"} for row in rows)
            kinds = {json.loads(line)["_type"] for line in control.get("/rows/activities?_type=Call").text.splitlines()}
            assert kinds == {"Call"}
            assert control.get("/rows/nothing").status_code == 400
            assert control.post("/changes", json={"edits": 1, "resources": ["users"]}).status_code == 400
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("text", ["leeds=5", "leads=x", "leads=-1", "leads=0", "users=0", "until=soon"])
def test_a_size_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        Generated.parse(text)


def test_a_hundred_thousand_leads_cost_few_bytes_a_row():
    code = (
        "import resource\n"
        "from sandbox.close_api import CloseSandbox, Generated\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "CloseSandbox(Generated(leads=10, activities=10, opportunities=10))\n"
        "before = peak()\n"
        "sandbox = CloseSandbox(Generated(leads=100_000, activities=200_000, opportunities=30_000))\n"
        "rows = sum(len(rows) for rows in sandbox.account.collections.values())\n"
        "print((peak() - before) / rows)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(done.stdout) < BYTES_A_ROW
