"""The status report counts what the status change rows say."""

from __future__ import annotations

import pytest

from tests.sandbox.close_api.small_account import ACCOUNT


def change(number, lead, old, new, at):
    ids = {"id": f"acti_{number}", "_type": "LeadStatusChange", "lead_id": lead, "date_created": at}
    return {**ids, "old_status_id": old, "new_status_id": new}


P, T, C = "stat_potential", "stat_trial", "stat_customer"
LEADS = {
    **ACCOUNT,
    "leads": [
        {"id": "lead_1", "status_id": C, "date_created": "2026-01-05T00:00:00+00:00"},
        {"id": "lead_2", "status_id": P, "date_created": "2026-02-05T00:00:00+00:00"},
        {"id": "lead_3", "status_id": T, "date_created": "2026-01-20T00:00:00+00:00"},
        {"id": "lead_4", "status_id": P, "date_created": "2026-03-20T00:00:00+00:00"},
    ],
    "opportunities": [],
    "tasks": [],
    "activities": [
        change(1, "lead_1", P, T, "2026-02-03T00:00:00+00:00"),
        change(2, "lead_1", T, C, "2026-02-10T00:00:00+00:00"),
        change(3, "lead_3", "stat_old", T, "2026-02-28T23:00:00+00:00"),
    ],
}
FEBRUARY = {"date_start": "2026-02-01", "date_end": "2026-03-01"}


def report(client, kind="lead", headers=None, **params):
    return client.get(f"/report/statuses/{kind}/orga_1/", params=params, headers=headers).json()


def overview(reply, status):
    row = next(row for row in reply["status_overview"] if row["status_id"] == status)
    return [row[name] for name in ("started", "ended", "change", "gained", "lost", "entered", "left")]


def moves(reply, name="status_transitions"):
    return {(row["from_status_id"], row["to_status_id"]): row["count"] for row in reply[name]}


@pytest.fixture
def february(serve, connect):
    return report(connect(serve(LEADS)), **FEBRUARY)


def test_overview_counts_starts_ends_and_moves(february):
    assert overview(february, P) == [1, 1, 0, 1, 1, 1, 1]
    assert overview(february, T) == [0, 1, 1, 1, 0, 2, 1]
    assert overview(february, C) == [0, 1, 1, 1, 0, 1, 0]


def test_transitions_begin_with_the_creation_and_a_summary_shortens_them(february):
    assert moves(february) == {(P, T): 1, (T, C): 1, ("stat_old", T): 1, (None, P): 1}
    assert moves(february, "status_transitions_summary") == {(P, C): 1, ("stat_old", T): 1, (None, P): 1}


def test_a_deleted_status_is_told_as_such(february):
    gone = {row["status_id"]: row["status_is_deleted"] for row in february["status_overview"]}
    assert gone == {P: False, T: False, C: False, "stat_old": True}


def test_dates_are_midnights_of_the_offset(serve, connect):
    client = connect(serve(LEADS))
    west = report(client, headers={"x-tz-offset": "-5"}, **FEBRUARY)
    east = report(client, headers={"x-tz-offset": "2"}, **FEBRUARY)
    assert ("stat_old", T) in moves(west)
    assert ("stat_old", T) not in moves(east)


def test_without_dates_the_report_covers_everything(serve, connect):
    reply = report(connect(serve(LEADS)))
    row = next(row for row in reply["status_overview"] if row["status_id"] == P)
    assert (row["ended"], row["entered"]) == (2, 3)
    assert "started" not in row
    assert sum(count for (old, _), count in moves(reply).items() if old is None) == 4


def test_opportunities_can_be_those_of_one_user(client):
    reply = report(client, "opportunity", user_id="user_ada")
    assert {row["status_id"]: row["ended"] for row in reply["status_overview"]} == {
        "stat_open": 1,
        "stat_won": 0,
        "stat_lost": 0,
    }


def test_a_change_by_the_writer_shows(sandbox, client):
    sandbox.writer.update("opportunities", "oppo_a", {"status_id": "stat_won"})
    assert moves(report(client, "opportunity"))["stat_open", "stat_won"] == 1


def test_a_query_chooses_leads_and_excludes_a_smart_view(client):
    assert sum(row["ended"] for row in report(client, query="id:lead_b")["status_overview"]) == 1
    both = client.get("/report/statuses/lead/orga_1/", params={"query": "x", "smart_view_id": "save_1"})
    assert both.status_code == 400
    assert client.get("/report/statuses/lead/orga_2/").status_code == 404
    assert client.get("/report/statuses/lead/orga_1/", params={"date_start": "soon"}).status_code == 400
