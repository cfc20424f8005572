"""Budgets by endpoint group, told in the forms that are seen in the wild."""

from __future__ import annotations

import time


def test_every_reply_tells_the_budget_with_semicolons(serve, connect):
    headers = connect(serve()).get("/me/").headers
    assert headers["ratelimit"] == "limit=160; remaining=159; reset=8"
    assert headers["ratelimit-limit"] == "160"
    assert headers["ratelimit-remaining"] == "159"
    assert headers["ratelimit-reset"] == "8"
    assert "retry-after" not in headers


def test_budget_can_be_told_with_commas_or_not_at_all(serve, connect):
    headers = connect(serve(rate_headers="comma")).get("/me/").headers
    assert headers["ratelimit"] == "limit=160, remaining=159, reset=8"
    assert not [name for name in connect(serve(rate_headers="none")).get("/me/").headers if "rate" in name]


def test_one_request_too_many_is_429_until_the_window_ends(serve, connect):
    client = connect(serve(rate=3, rate_window=0.3))
    assert [client.get("/me/").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/me/")
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["ratelimit"] == "limit=3; remaining=0; reset=1"
    error = refused.json()["error"]
    assert error["message"] == "API call count exceeded for this period"
    assert 0 < error["rate_reset"] <= 0.3
    assert (error["rate_limit"], error["rate_limit_type"]) == (3, "key")
    time.sleep(0.35)
    assert client.get("/me/").status_code == 200


def test_groups_have_budgets_of_their_own(serve, connect):
    client = connect(serve(rate=1))
    paths = ["/activity/call/", "/activity/email/", "/lead/", "/lead/lead_a/"]
    assert [client.get(path).status_code for path in paths] == [200] * 4
    assert client.get("/activity/call/acti_call/").status_code == 429
    assert client.get("/lead/lead_b/").status_code == 429


def test_search_has_a_tenth_of_the_rate(serve, connect):
    client = connect(serve())
    reply = client.post("/data/search/", json={"query": {"type": "object_type", "object_type": "lead"}})
    assert reply.headers["ratelimit-limit"] == "16"


def test_older_bodies_of_a_429(serve, connect):
    flat = connect(serve(rate=1, rate_body="flat"))
    flat.get("/me/")
    assert isinstance(flat.get("/me/").json()["rate_reset"], str)
    text = connect(serve(rate=1, rate_body="text"))
    text.get("/me/")
    assert text.get("/me/").json() == {"error": "API call count exceeded for this period"}


def test_rate_zero_is_no_limit(client):
    assert "ratelimit" not in client.get("/me/").headers
