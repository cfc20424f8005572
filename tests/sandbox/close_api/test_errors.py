"""Keys, redirects and refusals, word for word."""

from __future__ import annotations

import httpx
import pytest

from sandbox.close_api import CloseSandbox


@pytest.mark.parametrize("auth", [None, ("api_wrong", ""), ("", "api_sandbox")])
def test_wrong_key_is_401(sandbox, auth):
    reply = httpx.get(f"{sandbox.url}/api/v1/me/", auth=auth)
    assert reply.status_code == 401
    assert "access the URL requested.  You either" in reply.json()["error"]


def test_bearer_token_is_no_key(sandbox):
    headers = {"authorization": f"Bearer {sandbox.api_key}"}
    assert httpx.get(f"{sandbox.url}/api/v1/me/", headers=headers).status_code == 401


def test_chosen_key_is_let_in(serve):
    sandbox = serve(api_key="api_chosen")
    assert httpx.get(f"{sandbox.url}/api/v1/me/", auth=("api_chosen", "")).status_code == 200


def test_missing_slash_redirects_with_the_query(reader):
    reply = reader.get("/lead?_limit=1")
    assert (reply.status_code, reply.headers["location"]) == (308, "/api/v1/lead/?_limit=1")
    assert len(reader.get("/lead?_limit=1", follow_redirects=True).json()["data"]) == 1


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/lead/lead_x/", "Lead"),
        ("/opportunity/oppo_x/", "Opportunity"),
        ("/activity/call/acti_email/", "Call"),
        ("/custom_field/lead/cf_x/", "LeadCustomField"),
        ("/event/ev_x/", "Event"),
    ],
)
def test_unknown_object_is_404(reader, path, name):
    reply = reader.get(path)
    assert reply.status_code == 404
    assert reply.json() == {"error": f"Empty query: {name} matching query does not exist."}


@pytest.mark.parametrize("path", ["/leads/", "/activity/status_change/", "/custom_field/thing/", "/"])
def test_unknown_url_is_404(reader, path):
    reply = reader.get(path)
    assert reply.status_code == 404
    assert "not" in reply.json()["error"]


def test_wrong_method_is_405(reader):
    assert reader.delete("/me/").status_code == 405


def test_body_must_be_json(reader):
    assert reader.post("/lead/", content=b"name=x").status_code == 415
    reply = reader.post("/lead/", content=b"{", headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()) == (400, {"error": "The request contains invalid JSON."})


def test_replies_are_json_and_may_be_compressed(serve, connect):
    reply = connect(serve(gzip=True)).get("/lead/")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.json()["data"]) == 2


def test_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not an account folder"):
        CloseSandbox(tmp_path / "missing")


def test_value_in_an_account_folder_is_in_cents(tmp_path):
    deals = tmp_path / "opportunities.jsonl"
    deals.write_text('{"id": "oppo_a", "value": 100.0}\n')
    with CloseSandbox(tmp_path) as sandbox:
        assert sandbox.account["opportunities"].rows["oppo_a"]["value"] == 100
    deals.write_text('{"id": "oppo_a", "value": 100.5}\n')
    with pytest.raises(ValueError, match=r"the value of oppo_a is 100\.5; a whole number of cents is due"):
        CloseSandbox(tmp_path)


def test_line_that_is_no_row_is_named(tmp_path):
    (tmp_path / "leads.jsonl").write_text('{"id": "lead_a"}\n{"name": "no id"}\n')
    with pytest.raises(ValueError, match=r"leads\.jsonl:2 is not an object"):
        CloseSandbox(tmp_path)
