"""Exports are made over several looks, and their links live for a minute."""

from __future__ import annotations

import csv
import io

import httpx
import pytest


def finished(client, **order):
    path = order.pop("path", "/export/lead/")
    export = client.post(path, json={"format": "json", "type": "leads", **order}).json()
    while export["status"] != "done":
        export = client.get(f"/export/{export['id']}/").json()
    return export


def download(export):
    return httpx.get(export["download_url"])


def test_an_export_passes_its_states_before_it_has_a_link(client):
    export = client.post("/export/lead/", json={"format": "json", "type": "leads"}).json()
    seen = [(export["status"], export["download_url"])]
    for _ in range(3):
        export = client.get(f"/export/{export['id']}/").json()
        seen.append((export["status"], export["download_url"]))
    assert [status for status, _ in seen] == ["created", "started", "in_progress", "done"]
    assert [link is None for _, link in seen] == [True, True, True, False]
    assert (export["n_docs"], export["n_docs_processed"]) == (2, 2)
    assert [row["id"] for row in client.get("/export/").json()["data"]] == [export["id"]]


def test_the_file_is_gzipped_json_of_the_leads(client):
    reply = download(finished(client, include_activities=True))
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.headers["content-type"] == "application/json"
    leads = {row["id"]: row for row in reply.json()}
    assert leads.keys() == {"lead_a", "lead_b"}
    assert [row["id"] for row in leads["lead_b"]["contacts"]] == []
    assert {row["id"] for row in leads["lead_b"]["activities"]} == {"acti_meeting", "acti_change"}
    assert "activities" not in download(finished(client)).json()[0]


def test_a_link_dies_after_a_minute_and_a_new_look_gives_a_new_one(sandbox, client):
    export = finished(client)
    sandbox.clock.advance(61)
    assert download(export).status_code == 403
    again = client.get(f"/export/{export['id']}/").json()
    assert again["download_url"] != export["download_url"]
    assert download(again).status_code == 200


def test_a_search_chooses_the_leads(client):
    query = {
        "type": "and",
        "queries": [{"type": "object_type", "object_type": "lead"}, {"type": "id", "value": "lead_b"}],
    }
    assert [row["id"] for row in download(finished(client, s_query={"query": query})).json()] == ["lead_b"]
    assert len(download(finished(client, results_limit=1)).json()) == 1


def test_other_types_have_a_row_for_each_contact_or_opportunity(client):
    assert [row["id"] for row in download(finished(client, type="contacts")).json()] == ["cont_a"]
    deals = {row["id"] for row in download(finished(client, type="lead_opps")).json()}
    assert deals == {"oppo_a", "oppo_b", "oppo_c"}


@pytest.mark.parametrize(
    ("date_format", "written"),
    [
        ("original", "2026-03-02 00:00:00.000000+00:00"),
        ("iso8601", "2026-03-02T00:00:00+00:00"),
        ("excel", "2026-03-02 12:00:00 AM"),
    ],
)
def test_csv_dates_come_in_three_forms(client, date_format, written):
    order = {"format": "csv", "date_format": date_format, "fields": ["id", "date_won", "date_created"]}
    export = finished(
        client, path="/export/opportunity/", params={"lead_id": "lead_b", "status_type": ["won"]}, **order
    )
    reply = download(export)
    assert reply.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(reply.text)))
    assert rows == [["id", "date_won", "date_created"], ["oppo_b", "2026-04-02", written]]


def test_an_order_without_a_format_is_refused(client):
    reply = client.post("/export/lead/", json={"type": "leads"})
    assert (reply.status_code, list(reply.json()["field-errors"])) == (400, ["format"])
    assert client.get("/export/exp_none/").status_code == 404
