"""The client against a Close over HTTP that misbehaves."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.client import ClientConfig, CloseClient
from close_kpis.close.errors import (
    CloseAuthError,
    CloseConnectionError,
    CloseError,
    CloseNotFoundError,
    CloseRateLimited,
    CloseRequestError,
    CloseResponseError,
    CloseServerError,
)
from sandbox.close_api import CloseSandbox

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(sandbox: CloseSandbox) -> ClientConfig:
    return ClientConfig(sandbox.api_key, sandbox.url, attempts=4, wait_initial=0.01, wait_max=0.02)


def get(config: ClientConfig, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        async with CloseClient(config) as client:
            return await client.get(path, params)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502, "body": "<html>bad gateway</html>"},
        {"kind": "status", "status": 504},
        {"kind": "status", "status": 200, "body": "<html>welcome</html>"},
        {"kind": "reset"},
        {"kind": "cut"},
        {"kind": "truncate"},
        {"kind": "rate_limit", "seconds": 0.01},
        {"kind": "rate_limit", "seconds": 0.01, "headers": "comma"},
    ],
    ids=str,
)
def test_passing_trouble_is_tried_again(sandbox: CloseSandbox, config: ClientConfig, fault: dict[str, Any]) -> None:
    sandbox.faults.add(path="/me/", count=2, **fault)
    assert get(config, "/me/")["id"] == "user_anna"
    assert sandbox.requests.count("/me/") == 3


def test_a_pause_beyond_our_patience_is_an_error_at_once(sandbox: CloseSandbox, config: ClientConfig) -> None:
    sandbox.faults.add(path="/me/", count=99, kind="rate_limit", seconds=100_000.0)
    with pytest.raises(CloseRateLimited, match="Close asks to wait 100000 s"):
        get(replace(config, patience=30.0), "/me/")
    assert sandbox.requests.count("/me/") == 1


def test_a_window_of_a_day_holds_nothing_back(sandbox: CloseSandbox, config: ClientConfig) -> None:
    sandbox.config.turn(rate=1, rate_window=100_000.0)
    assert get(config, "/me/")["id"] == "user_anna"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 503}, CloseServerError),
        ({"kind": "status", "status": 200, "body": "<html>"}, CloseResponseError),
        ({"kind": "reset"}, CloseConnectionError),
        ({"kind": "rate_limit", "seconds": 0.01}, CloseRateLimited),
    ],
)
def test_lasting_trouble_ends_with_an_error_that_says_where(
    sandbox: CloseSandbox, config: ClientConfig, fault: dict[str, Any], error: type[CloseError]
) -> None:
    sandbox.faults.add(path="/me/", count=None, **fault)
    with pytest.raises(error, match="GET /me/"):
        get(config, "/me/")
    assert sandbox.requests.count("/me/") == config.attempts


@pytest.mark.parametrize("status", [401, 402, 403])
def test_refused_key_is_not_tried_again(sandbox: CloseSandbox, config: ClientConfig, status: int) -> None:
    sandbox.faults.add("status", "/me/", status=status, count=None)
    with pytest.raises(CloseAuthError, match=str(status)):
        get(config, "/me/")
    assert sandbox.requests.count("/me/") == 1


def test_neither_error_nor_log_holds_the_key(
    sandbox: CloseSandbox, config: ClientConfig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = replace(config, api_key="api_very_secret")
    with pytest.raises(CloseAuthError) as caught:
        get(secret, "/me/")
    sandbox.faults.add("reset", "/user/", count=None)
    with pytest.raises(CloseConnectionError) as broken:
        get(config, "/user/")
    told = f"{caught.value!r} {caught.value.__cause__!r} {broken.value!r} {secret!r} {caplog.text}"
    assert "api_very_secret" not in told
    assert sandbox.api_key not in told


def test_unknown_object_and_bad_request_have_their_own_errors(config: ClientConfig) -> None:
    with pytest.raises(CloseNotFoundError, match="Lead matching query does not exist"):
        get(config, "/lead/lead_nobody/")
    with pytest.raises(CloseRequestError, match="_limit must be an integer"):
        get(config, "/lead/", {"_limit": "many"})


def test_path_without_its_last_slash_is_followed(config: ClientConfig) -> None:
    assert get(config, "/me")["id"] == "user_anna"


def test_long_list_of_ids_travels_in_the_body(sandbox: CloseSandbox, config: ClientConfig) -> None:
    ids = [f"acti_Call_{number}" for number in range(130, 230)] + ["x" * 2000]
    body = get(config, "/activity/call/", {"id__in": ",".join(ids), "_limit": 100})
    assert {row["id"] for row in body["data"]} == set(ids[:100])
    assert sandbox.requests[-1].query == ""


def test_silent_server_is_a_connection_error(sandbox: CloseSandbox, config: ClientConfig) -> None:
    sandbox.faults.add("slow", "/me/", seconds=2, count=None)
    with pytest.raises(CloseConnectionError, match="no answer"):
        get(replace(config, timeout=0.1, attempts=2), "/me/")


@pytest.mark.parametrize("style", ["semicolon", "comma"])
def test_budget_told_by_headers_is_kept_without_a_single_429(small_account: Path, style: str) -> None:
    with CloseSandbox(small_account, rate=10, rate_window=0.5, rate_headers=style) as sandbox:
        config = ClientConfig(sandbox.api_key, sandbox.url, concurrency=4)

        async def run() -> None:
            async with CloseClient(config) as client:
                await client.get("/me/")
                await asyncio.gather(*(client.get("/me/") for _ in range(24)))

        asyncio.run(run())
        assert sandbox.requests.count(status=429) == 0
        assert sandbox.requests.count(status=200) == 25


def test_limit_that_no_header_tells_is_found_by_its_429s(small_account: Path) -> None:
    with CloseSandbox(small_account, rate=10, rate_window=1.0, rate_headers="none") as sandbox:
        config = ClientConfig(sandbox.api_key, sandbox.url, concurrency=4)

        async def run() -> None:
            async with CloseClient(config) as client:
                await asyncio.gather(*(client.get("/me/") for _ in range(12)))

        asyncio.run(run())
        assert sandbox.requests.count(status=200) == 12
