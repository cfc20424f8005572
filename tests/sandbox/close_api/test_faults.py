"""Trouble on demand."""

from __future__ import annotations

import json
import time

import httpx
import pytest


def test_server_error_hits_as_often_as_asked(sandbox, client):
    sandbox.faults.add("status", "/activity/*", status=502, count=2)
    replies = [client.get("/activity/call/") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [502, 502, 200]
    assert replies[0].text == ""


def test_error_page_may_be_html(sandbox, client):
    sandbox.faults.add("status", body="<html>Bad Gateway</html>", status=504)
    reply = client.get("/me/")
    assert (reply.status_code, reply.headers["content-type"]) == (504, "text/html")


def test_fault_may_pass_the_first_requests_and_other_paths(sandbox, client):
    sandbox.faults.add("status", "/lead/", after=1)
    assert [client.get(path).status_code for path in ("/me/", "/lead/", "/lead/", "/lead/")] == [200, 200, 503, 200]
    assert sandbox.faults.pending() == []


def test_fault_may_hit_one_method_only(sandbox, client):
    sandbox.faults.add("status", "/lead/*", method="PUT")
    assert client.get("/lead/lead_a/").status_code == 200
    assert client.put("/lead/lead_a/", json={"name": "x"}).status_code == 503
    assert client.get("/lead/lead_a/").json()["name"] == "Alpha"


def test_429_with_and_without_headers(sandbox, client):
    sandbox.faults.add("rate_limit", seconds=3)
    told = client.get("/me/")
    assert (told.status_code, told.headers["retry-after"]) == (429, "3")
    assert told.headers["ratelimit"].endswith("remaining=0; reset=3")
    sandbox.faults.add("rate_limit", headers="none", rate_body="text")
    silent = client.get("/me/")
    assert silent.status_code == 429
    assert not {"retry-after", "ratelimit", "ratelimit-reset"} & set(silent.headers)


def test_key_is_refused_from_now_on(sandbox, client):
    sandbox.faults.add("unauthorized", count=None)
    assert [client.get("/me/").status_code for _ in range(3)] == [401] * 3
    sandbox.faults.clear()
    assert client.get("/me/").status_code == 200


@pytest.mark.parametrize("kind", ["reset", "cut"])
def test_connection_breaks(sandbox, client, kind):
    sandbox.faults.add(kind, "/me/")
    with pytest.raises(httpx.TransportError):
        client.get("/me/")
    assert client.get("/me/").status_code == 200


def test_truncated_reply_is_whole_http_but_broken_json(sandbox, client):
    sandbox.faults.add("truncate")
    reply = client.get("/lead/")
    assert reply.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        reply.json()


def test_slow_reply_and_latency(sandbox, serve, connect, client):
    sandbox.faults.add("slow", seconds=0.2)
    started = time.monotonic()
    assert client.get("/me/").status_code == 200
    assert time.monotonic() - started >= 0.2
    late = connect(serve(latency=0.1))
    started = time.monotonic()
    late.get("/me/")
    assert time.monotonic() - started >= 0.1


def test_unknown_fault_is_refused(sandbox):
    with pytest.raises(ValueError, match="unknown kind of fault 'explode'"):
        sandbox.faults.add("explode")
    with pytest.raises(ValueError, match="unknown detail 'times'"):
        sandbox.faults.add("status", times=3)


def test_requests_are_noted(sandbox, client):
    client.get("/lead/?_limit=1")
    client.get("/lead/lead_x/")
    assert [(one.method, one.path, one.query, one.status) for one in sandbox.requests] == [
        ("GET", "/lead/", "_limit=1", 200),
        ("GET", "/lead/lead_x/", "", 404),
    ]
    assert sandbox.requests.count("/lead/*") == 2
    assert sandbox.requests.count(status=404) == 1
    sandbox.requests.clear()
    assert len(sandbox.requests) == 0
