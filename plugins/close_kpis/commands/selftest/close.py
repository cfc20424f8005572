"""``selftest --close``: one page of each list of a Close account, held against what the client relies on.

Only reads. What is printed are names of lists and fields, types and counts: no value of the account, and no key.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from close_kpis import __version__
from close_kpis.close.client import CloseClient
from close_kpis.close.errors import (
    CloseAuthError,
    CloseConnectionError,
    CloseError,
    CloseUnavailableError,
)
from close_kpis.close.limits import read_rates
from close_kpis.close.reference import FIELD_TYPES
from close_kpis.close.registry import STREAMS
from close_kpis.close.search import newest
from close_kpis.close.stream import Kind
from close_kpis.commands.connections import close_config
from close_kpis.commands.output import quietly, table
from close_kpis.commands.selftest.objects import disorder, unlike

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable, Mapping

    from close_kpis.close.client import ClientConfig
    from close_kpis.close.stream import Stream

AS_EXPECTED, EMPTY, NOT_OFFERED, DIFFERS = "as expected", "empty", "not offered", "DIFFERS"
_ID = re.compile(r"\b[a-z]+_[0-9A-Za-z]{8,}\b")

Objects = list[Any]


def selftest_close(options: argparse.Namespace) -> int:
    """Read one page of each list and print what is unlike what the client relies on.

    Args:
        options: ``close``, id of the Airflow connection.

    Returns:
        0; 1 where something differs.

    Raises:
        CommandError: there is no such connection.
        CloseError: the key is refused, or Close cannot be reached.
    """
    with quietly():
        checks, requests = asyncio.run(_checked(close_config(options.close)))
    print(report(checks, requests))
    return 1 if any(check.differences for check in checks) else 0


@dataclass
class ListCheck:
    """What one list showed.

    Attributes:
        path: endpoint below ``/api/v1``.
        stream: name of the stream that is read from it.
        rows: how many the page had; None where there was no page.
        differences: what is unlike what the client relies on.
        is_offered: whether the account's plan and the key's role let it be read.
        seconds: how long the page took.
    """

    path: str
    stream: str
    rows: int | None = None
    differences: list[str] = field(default_factory=list)
    is_offered: bool = True
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """What the check says in a word."""
        if self.differences:
            return DIFFERS
        if not self.is_offered:
            return NOT_OFFERED
        return AS_EXPECTED if self.rows else EMPTY


async def _checked(config: ClientConfig) -> tuple[list[ListCheck], int]:
    """Check all lists one after the other; return that and how many requests it took."""
    async with CloseClient(config) as client:
        checker = _Checker(client)
        checks = [await checker.organization()]
        for stream in STREAMS.values():
            if stream.name == "organization":
                continue
            if stream.kind is Kind.REFERENCE:
                kinds = [f"{kind}/" for kind in FIELD_TYPES] if stream.name == "custom_fields" else [""]
                checks += [await checker.reference(stream, f"{stream.path}{kind}") for kind in kinds]
            elif stream.is_searched:
                checks.append(await checker.search(stream))
            elif stream.kind is Kind.EVENTS:
                checks.append(await checker.events(stream))
            else:
                checks.append(await checker.walked(stream))
        return checks, client.requests


class _Checker:
    """Reads pages and looks at them."""

    def __init__(self, client: CloseClient) -> None:
        self.client = client
        self.headers: list[Mapping[str, str]] = []
        client.watch = self.headers.append

    async def organization(self) -> ListCheck:
        """The key's user and organisation, which are no lists."""
        stream = STREAMS["organization"]

        async def read() -> tuple[Objects, list[str]]:
            me = await self.client.get("/me/")
            said = me.get("organizations") or [{}]
            number = said[0].get("id") if isinstance(said[0], dict) else said[0]
            if not number:
                return [], ["/me/ names no organization"]
            return [await self.client.get(f"{stream.path}{number}/")], []

        return await self._check(stream, "/me/, /organization/", read)

    async def reference(self, stream: Stream, path: str) -> ListCheck:
        """A list that is read whole, in Close's order; not every one says ``has_more``."""
        return await self._check(stream, path, lambda: self._page(stream, path, {"_limit": 100}))

    async def walked(self, stream: Stream) -> ListCheck:
        """A list that is walked from its newest row on."""

        async def read() -> tuple[Objects, list[str]]:
            asked = {"_limit": stream.page_size, "_fields": ",".join(stream.fields), "_order_by": stream.order}
            objects, found = await self._page(stream, stream.path, {**asked, **stream.filters}, says_more=True)
            return objects, found + disorder(_dicts(objects), "date_created")

        return await self._check(stream, stream.path, read)

    async def search(self, stream: Stream) -> ListCheck:
        """A list that only the search endpoint can filter by time."""

        async def read() -> tuple[Objects, list[str]]:
            objects, total = await newest(self.client, stream, 1)
            return objects, ["the search counts fewer than it shows"] if total < len(objects) else []

        return await self._check(stream, f"/data/search/ ({stream.object_type})", read)

    async def events(self, stream: Stream) -> ListCheck:
        """The event log, which has a cursor."""

        async def read() -> tuple[Objects, list[str]]:
            body = await self.client.get(stream.path, {"_limit": stream.page_size})
            objects, found = _rows(body, stream.page_size)
            found += [] if "cursor_next" in body else ["the reply has no cursor_next"]
            return objects, found + disorder(_dicts(objects), "date_updated")

        return await self._check(stream, stream.path, read)

    async def _page(
        self, stream: Stream, path: str, params: Mapping[str, Any], *, says_more: bool = False
    ) -> tuple[Objects, list[str]]:
        body = await self.client.get(path, params)
        objects, found = _rows(body, params["_limit"])
        more = body.get("has_more")
        if not isinstance(more, bool) and (says_more or more is not None):
            found.append("has_more is missing" if more is None else f"has_more is a {type(more).__name__}")
        elif more and not objects:
            found.append("has_more is true of a page without rows")
        return objects, found

    async def _check(
        self, stream: Stream, path: str, read: Callable[[], Awaitable[tuple[Objects, list[str]]]]
    ) -> ListCheck:
        check, began = ListCheck(path, stream.name), time.monotonic()
        self.headers.clear()
        try:
            objects, check.differences = await read()
        except CloseUnavailableError:
            check.is_offered = False
        except (CloseAuthError, CloseConnectionError):
            raise
        except CloseError as error:
            check.differences = [_ID.sub("<id>", str(error))]
        else:
            check.rows = len(objects)
            check.differences += unlike(stream, objects)
            if not any(any(read_rates(headers)) for headers in self.headers):
                check.differences.append("no rate-limit header in a known form")
        check.seconds = time.monotonic() - began
        return check


def _rows(body: Mapping[str, Any], limit: int) -> tuple[Objects, list[str]]:
    objects = body.get("data")
    if not isinstance(objects, list):
        return [], ["the reply has no list under data"]
    return objects, [f"_limit {limit} was ignored: {len(objects)} rows"] if len(objects) > limit else []


def _dicts(objects: Objects) -> list[Mapping[str, Any]]:
    return [obj for obj in objects if isinstance(obj, dict)]


def _told(checks: list[ListCheck]) -> list[str]:
    """Return the differences; one that most lists have is told once."""
    found: dict[str, list[str]] = {}
    for check in checks:
        for difference in check.differences:
            found.setdefault(difference, []).append(check.path)
    return [
        f"{len(paths)} lists: {difference}" if 2 * len(paths) > len(checks) else f"{path}: {difference}"
        for difference, paths in found.items()
        for path in (paths[:1] if 2 * len(paths) > len(checks) else paths)
    ]


def report(checks: list[ListCheck], requests: int) -> str:
    """Return what a bug report needs.

    Args:
        checks: of all lists.
        requests: how many were sent.
    """
    rows = [
        {
            "list": check.path,
            "stream": check.stream,
            "rows": "" if check.rows is None else str(check.rows),
            "verdict": check.verdict,
            "differs": str(len(check.differences) or ""),
            "seconds": f"{check.seconds:.1f}",
        }
        for check in checks
    ]
    lines = [
        f"Close KPI pipeline {__version__}, Python {sys.version.split()[0]}: {requests} requests",
        "",
        table(("list", "stream", "rows", "verdict", "differs", "seconds"), rows),
        "",
    ]
    lines += _told(checks)
    if not any(check.differences for check in checks):
        lines.append("Every list is as the pipeline expects it.")
    return "\n".join(lines)
