"""Keys of restricted users, revoked keys, OAuth tokens and what keys share."""

from __future__ import annotations

import time

import httpx
import pytest


@pytest.fixture
def restricted(serve):
    sandbox = serve(rate=0, restricted_keys={"api_bob": "user_bob"})
    with httpx.Client(base_url=f"{sandbox.url}/api/v1", auth=("api_bob", "")) as client:
        yield sandbox, client


def ids(client, path):
    return {row["id"] for row in client.get(path).json()["data"]}


def test_a_restricted_key_sees_fewer_rows_and_no_error(restricted, connect):
    sandbox, client = restricted
    assert ids(client, "/opportunity/") == {"oppo_c"}
    assert ids(client, "/activity/") == {"acti_email"}
    assert ids(client, "/lead/") == {"lead_a", "lead_b"}
    assert ids(client, "/task/") == set()
    assert client.get("/opportunity/").json()["total_results"] == 1
    assert client.get("/opportunity/oppo_a/").status_code == 404
    search = {"query": {"type": "object_type", "object_type": "opportunity"}, "include_counts": True}
    assert client.post("/data/search/", json=search).json()["count"] == {"limited": 1, "total": 1}
    assert len(ids(connect(sandbox), "/opportunity/")) == 3


def test_a_restricted_key_sees_the_data_of_events_for_an_hour(restricted):
    sandbox, client = restricted
    sandbox.writer.update("leads", "lead_a", {"name": "New"})
    assert client.get("/event/").json()["data"][0]["data"]["name"] == "New"
    sandbox.clock.advance(3_601)
    event = client.get("/event/").json()["data"][0]
    assert (event["data"], event["previous_data"], event["object_id"]) == ({}, {}, "lead_a")


def test_a_key_can_be_revoked_in_the_middle(sandbox, client):
    sandbox.faults.add("unauthorized", after=2, count=None)
    assert [client.get("/me/").status_code for _ in range(4)] == [200, 200, 401, 401]


def test_all_keys_together_have_three_budgets(serve):
    keys = {f"api_{n}": "user_ada" for n in range(4)}
    sandbox = serve(rate=2, restricted_keys=keys)
    replies = []
    for key in keys:
        with httpx.Client(base_url=f"{sandbox.url}/api/v1", auth=(key, "")) as client:
            replies += [client.get("/me/") for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200] * 6 + [429] * 2
    assert replies[-1].json()["error"]["rate_limit_type"] == "org"


def token(sandbox, **form):
    return httpx.post(f"{sandbox.url}/oauth2/token/", data=form)


def test_an_access_token_lives_for_an_hour_and_a_refresh_token_works_once(sandbox):
    first = token(sandbox, grant_type="authorization_code", code="code_sandbox").json()
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 3600)
    headers = {"authorization": f"Bearer {first['access_token']}"}
    me = f"{sandbox.url}/api/v1/me/"
    assert httpx.get(me, headers=headers).status_code == 200
    sandbox.clock.advance(3_601)
    assert httpx.get(me, headers=headers).status_code == 401
    second = token(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert httpx.get(me, headers={"authorization": f"Bearer {second['access_token']}"}).status_code == 200
    assert token(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"]).status_code == 400
    httpx.post(f"{sandbox.url}/oauth2/revoke/", data={"token": second["access_token"]})
    assert httpx.get(me, headers={"authorization": f"Bearer {second['access_token']}"}).status_code == 401


def test_built_in_roles_have_dates_of_the_year_one(client):
    rows = client.get("/role/").json()["data"]
    assert {row["id"] for row in rows} == {"admin", "superuser", "user", "restricteduser"}
    assert {row["date_created"] for row in rows} == {"0001-01-01T00:00:00"}


def test_deep_skips_are_slow(serve, connect):
    client = connect(serve(rate=0, skip_seconds=100_000 / 400))
    began = time.monotonic()
    client.get("/lead/?_skip=0")
    shallow = time.monotonic() - began
    began = time.monotonic()
    client.get("/lead/?_skip=200")
    assert time.monotonic() - began > 0.5 > shallow - 0.5
