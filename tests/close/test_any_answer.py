"""Whatever a server answers, a list is read rightly or not at all, and soon: no wrong row, no wait without an end."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from close_kpis.close import replies
from close_kpis.close.client import ClientConfig, CloseClient
from close_kpis.close.errors import CloseError
from close_kpis.close.events import read_events
from close_kpis.close.lists import newest_first
from close_kpis.close.reference import read_reference
from close_kpis.close.registry import STREAMS
from close_kpis.close.search import oldest_first
from close_kpis.close.stream import Kind
from close_kpis.close.windows import ALL_TIME
from tests.close.account import NOW
from tests.close.test_hostile import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler

    from sandbox.close_api import CloseSandbox

Rows = dict[str, Any]

PATIENCE = 20.0
"""Seconds in which everything has to end, on a busy machine too; a request may take one."""

LISTS = [name for name, stream in STREAMS.items() if stream.kind in {Kind.LIGHT, Kind.HEAVY}]

bodies = st.sampled_from((
    *(b"", b"null", b"[]", b"{}", b'"x"', b"5", b"NaN", b"<html>", b"\xff\xfe", b"[" * 5000, b"{}" * 1_000_000),
    *(b'{"data": null}', b'{"data": {}}', b'{"data": [1]}', b'{"data": [{}]}', b'{"data": [{"id": null}]}'),
))
values = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({})
changes = st.one_of(
    st.tuples(st.just("body"), bodies),
    st.tuples(st.just("cut"), st.floats(0.0, 0.99)),
    st.tuples(st.just("status"), st.sampled_from([301, 400, 401, 404, 429, 500, 503])),
    st.tuples(st.just("pause"), st.sampled_from(["100000", "inf", "nan", "-1", "Wed, 21 Oct 2099 07:28:00 GMT"])),
    st.tuples(st.just("field"), st.tuples(st.sampled_from(["id", "date_created"]), values)),
    st.tuples(st.just("more"), st.just(True)),
    st.tuples(st.just("again"), st.just(True)),
    st.tuples(st.just("drip"), st.just(True)),
)


class Between:
    """Stands between a client and a sandbox, and changes the answers to some requests: those of a plan, by number."""

    def __init__(self, sandbox: CloseSandbox) -> None:
        self.plan: dict[int, tuple[str, Any]] = {}
        self.asked = 0
        self.last: dict[str, bytes] = {}
        self.http = httpx.Client(base_url=sandbox.url)

    def begin(self, plan: dict[int, tuple[str, Any]]) -> None:
        self.plan, self.asked, self.last = plan, 0, {}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        kind, what = self.plan.get(self.asked, ("", None))
        self.asked += 1
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        headers = {name: handler.headers[name] for name in ("authorization", "content-type") if name in handler.headers}
        if "x-http-method-override" in handler.headers:
            headers["x-http-method-override"] = handler.headers["x-http-method-override"]
        reply = self.http.request(handler.command, handler.path, content=body, headers=headers)
        content, status, more = reply.content, reply.status_code, {}
        match kind:
            case "body":
                content = what
            case "cut":
                content = content[: int(what * len(content))]
            case "status":
                status, content = what, b'{"error": "no"}'
                more = {"location": "http://localhost:9/"} if what == 301 else {}
            case "pause":
                status, content, more = 429, b"{}", {"retry-after": what}
            case "again":
                content = self.last.get(handler.path.partition("?")[0], content)
            case "field" | "more":
                content = _changed(content, kind, what)
        self.last[handler.path.partition("?")[0]] = reply.content
        handler.send_response(status)
        for name, value in {"content-length": str(len(content)), **more}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if kind == "drip":
            for at in range(len(content)):
                handler.wfile.write(content[at : at + 1])
                time.sleep(0.2)
        handler.wfile.write(content)


def _changed(content: bytes, kind: str, what: Any) -> bytes:
    body = json.loads(content)
    rows = body.get("data") if isinstance(body, dict) else None
    if kind == "more":
        body["has_more"] = True
    elif rows and isinstance(rows[0], dict):
        rows[0][what[0]] = what[1]
    return json.dumps(body).encode()


def rows_of(name: str, objects: list[dict[str, Any]]) -> Rows:
    return {obj["id"]: STREAMS[name].row(obj) for obj in objects}


async def read(client: CloseClient, name: str) -> Rows:
    """Return the rows of a list by id."""
    if name == "reference":
        return (await read_reference(client)).rows
    if name == "events":
        return {row["id"]: row for row in (await read_events(client, None, NOW)).rows}
    stream = STREAMS[name]
    walk = oldest_first if stream.is_searched else newest_first
    found: Rows = {}
    async for page in walk(client, stream, ALL_TIME):
        found |= rows_of(name, page.objects)
    return found


@pytest.fixture
def between(sandbox: CloseSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Between]]:
    monkeypatch.setattr(replies, "MOST_BYTES", 10**6)
    proxy = Between(sandbox)
    with ExitStack() as stack:
        stack.enter_context(proxy.http)
        yield stack.enter_context(serving(proxy.answer)).url, proxy


def run(url: str, key: str, name: str) -> Rows:
    config = ClientConfig(
        key, url, timeout=2.0, deadline=1.0, attempts=2, patience=3.0, wait_initial=0.01, wait_max=0.02, concurrency=1
    )

    async def within() -> Rows:
        async with CloseClient(config) as client, asyncio.timeout(PATIENCE):
            return await read(client, name)

    return asyncio.run(within())


@pytest.mark.slow
@pytest.mark.parametrize("name", [*LISTS, "events", "reference"])
def test_a_list_is_read_rightly_or_not_at_all(
    sandbox: CloseSandbox, between: tuple[str, Between], name: str, clock: None
) -> None:
    url, proxy = between
    truth = run(sandbox.url, sandbox.api_key, name)

    @settings(
        max_examples=10, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.nested_given],
    )  # fmt: skip
    @given(st.dictionaries(st.integers(0, 3), changes, min_size=1, max_size=2))
    def check(plan: dict[int, tuple[str, Any]]) -> None:
        proxy.begin(plan)
        with suppress(CloseError):
            assert run(url, sandbox.api_key, name) == truth

    check()
