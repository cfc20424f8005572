"""A server that is not Close: what it sends can neither fill the memory nor be taken for Close's answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
import tracemalloc
import zlib
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.close.client import ClientConfig, CloseClient
from close_kpis.close.errors import (
    CloseConnectionError,
    CloseError,
    CloseOversizeError,
    CloseRedirectError,
    CloseResponseError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 2**20


class Server(ThreadingHTTPServer):
    """Answers each request with what the test says, and remembers the requests."""

    daemon_threads = True

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.answer = answer
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["authorization"]))
        # The client may have hung up: what it has not read is not its business any more.
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the name that the server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Server]:
    with Server(answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def get(server: Server, path: str = "/me/", deadline: float = 120.0) -> dict[str, Any]:
    config = ClientConfig(
        "api_secret", server.url, timeout=20.0, deadline=deadline, attempts=2, wait_initial=0.01, wait_max=0.02
    )

    async def run() -> dict[str, Any]:
        async with CloseClient(config) as client:
            return await client.get(path)

    return asyncio.run(run())


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"content-length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@cache
def bomb(size: int) -> bytes:
    """Return a gzipped body that unpacks to so many bytes of JSON."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    parts = [packer.compress(b'{"a": "')]
    parts += [packer.compress(b"x" * PIECE) for _ in range(size // PIECE)]
    return b"".join([*parts, packer.compress(b'"}'), packer.flush()])


def refused(server: Server, error: type[CloseError], said: str) -> int:
    """Return the most memory that the refusal took, in bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(error, match=said) as raised:
            get(server)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "api_secret" not in f"{raised.value!r}"
    return peak


def test_packed_reply_is_read() -> None:
    reply = gzip.compress(b'{"id": "user_anna"}')
    with serving(lambda handler: send(handler, reply, content_encoding="gzip")) as server:
        assert get(server) == {"id": "user_anna"}


@pytest.mark.parametrize("status", [200, 301, 404, 500])
def test_gigabyte_in_a_megabyte_does_not_fill_the_memory(status: int) -> None:
    packed = bomb(2**30)
    assert len(packed) < 2 * PIECE

    def answer(handler: BaseHTTPRequestHandler) -> None:
        where = {"location": "/api/v1/me/"} if status == 301 else {}
        send(handler, packed, status, content_encoding="gzip", **where)

    with serving(answer) as server:
        if status == 301:
            with pytest.raises(CloseConnectionError, match="more than 5 redirects"):
                get(server)
        else:
            assert refused(server, CloseOversizeError, r"GET /me/: .*larger than 64 MB unpacked") < 250 * PIECE
            assert len(server.asked) == 1


def test_error_that_repeats_the_key_and_steers_the_terminal_is_shown_without() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        header = handler.headers["authorization"]
        said = f"key api_secret, header {header}, \x1b]8;;https://evil.example\x07, \u202etxet\nsecond line"
        send(handler, json.dumps({"error": said}).encode(), 400)

    with serving(answer) as server, pytest.raises(CloseError) as raised:
        get(server)
    shown = str(raised.value)
    assert "key ***, header Basic ***," in shown
    assert "second line" in shown
    assert shown.isprintable()


def test_reply_that_drips_ends_with_its_deadline() -> None:
    """No pause is as long as the time-out, which alone would wait for ever."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        with suppress(OSError):
            for _ in range(1000):
                handler.wfile.write(b" ")
                time.sleep(0.05)

    with serving(answer) as server, pytest.raises(CloseConnectionError, match=r"GET /me/.* not complete after 1 s"):
        get(server, deadline=1.0)


def test_reply_without_end_is_cut_off() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * PIECE)

    with serving(answer) as server:
        assert refused(server, CloseOversizeError, "larger than 64 MB") < 250 * PIECE


def test_page_of_some_megabytes_is_no_trouble() -> None:
    page = json.dumps({"data": [{"id": f"lead_{n}", "custom.x": "y" * 1000} for n in range(20_000)]}).encode()
    with serving(lambda handler: send(handler, gzip.compress(page, 1), content_encoding="gzip")) as server:
        assert len(get(server)["data"]) == 20_000


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_reply_that_is_nested_without_end_is_refused(opening: str, status: int) -> None:
    body = (opening * 100_000).encode()
    with serving(lambda handler: send(handler, body, status)) as server:
        said = "nested too deeply" if status == 200 else "GET /me/: 400"
        refused(server, CloseOversizeError if status == 200 else CloseError, said)
        assert len(server.asked) == 1


@pytest.mark.parametrize("packing", ["br", "zstd", "deflate", "gzip, gzip"])
def test_reply_that_is_packed_otherwise_is_refused(packing: str) -> None:
    with serving(lambda handler: send(handler, b"{}", content_encoding=packing)) as server:
        refused(server, CloseResponseError, "which was not asked for")


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b'{"id": "user_anna"}', mtime=0)[:-20], b""])
def test_reply_that_is_not_packed_as_it_says_is_refused(body: bytes) -> None:
    with serving(lambda handler: send(handler, body, content_encoding="gzip")) as server:
        refused(server, CloseResponseError, "not packed as it says|no JSON")


def test_redirect_to_another_host_is_refused_and_nothing_is_sent_there() -> None:
    with serving(lambda handler: send(handler, b'{"id": "user_mallory"}')) as other:
        where = f"{other.url.replace('127.0.0.1', 'localhost')}/api/v1/me/"
        with serving(lambda handler: send(handler, b"", 302, location=where)) as server:
            refused(
                server, CloseRedirectError, r"127\.0\.0\.1 answers with a redirect to http://localhost:\d+: nothing"
            )
            assert len(server.asked) == 1
        assert other.asked == []


def test_redirect_to_another_port_is_refused() -> None:
    with serving(lambda handler: send(handler, b'{"id": "user_mallory"}')) as other:
        with serving(lambda handler: send(handler, b"", 307, location=f"{other.url}/api/v1/me/")) as server:
            refused(server, CloseRedirectError, "nothing was sent there")
        assert other.asked == []


def test_redirect_on_the_same_host_is_followed_with_the_key() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.endswith("/"):
            send(handler, b'{"id": "user_anna"}')
        else:
            send(handler, b"", 301, location=f"{handler.path}/")

    with serving(answer) as server:
        assert get(server, "/me") == {"id": "user_anna"}
        assert [path for path, _ in server.asked] == ["/api/v1/me", "/api/v1/me/"]
        assert all(key for _, key in server.asked)
