"""A client of Close's REST API: authentication, limits, retries, errors."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from close_kpis.close.errors import (
    CloseAuthError,
    CloseConnectionError,
    CloseCursorError,
    CloseError,
    CloseNotFoundError,
    CloseOversizeError,
    CloseRateLimited,
    CloseRequestError,
    CloseResponseError,
    CloseServerError,
    CloseUnavailableError,
)
from close_kpis.close.limits import PAUSE_WITHOUT_HEADER, endpoint_group, read_pause, read_rates
from close_kpis.close.pacing import Budget, Slots
from close_kpis.close.replies import parse, read_body, refuse_other_host
from close_kpis.masking import keep_secret, masked
from close_kpis.reporting import logger, one_line

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from types import TracebackType

    import httpx

log = logger(__name__)

BASE_URL = "https://api.close.com"
API_PATH = "/api/v1"
LONGEST_QUERY = 1800
"""Characters. Source: developer.close.com "Filter Parameters" recommends addresses below 2000."""

MOST_REDIRECTS = 5
"""Close needs one."""

LONGEST_SAID = 500
"""Characters of what the server says that an error repeats."""

TOLD_FROM = 10.0
"""Seconds of a pause from which on the log tells of it."""


@dataclass(frozen=True)
class ClientConfig:
    """How to reach Close.

    Attributes:
        api_key: user name of the basic authentication; the password is empty.
        base_url: scheme and host.
        timeout: seconds without a byte until a request counts as failed.
        deadline: seconds until it does, however its answer drips.
        concurrency: requests under way at once, at most; fewer while Close is slow to answer.
        attempts: how often a request is sent before its failure is the result.
        patience: seconds after which no further attempt is made.
        wait_initial: seconds before the second attempt, doubled with each further one; a 429 waits
            what the server says.
        wait_max: the longest such wait.
    """

    api_key: str = field(repr=False)
    base_url: str = BASE_URL
    timeout: float = 60.0
    deadline: float = 180.0
    concurrency: int = 32
    attempts: int = 8
    patience: float = 300.0
    wait_initial: float = 0.5
    wait_max: float = 30.0

    def __post_init__(self) -> None:
        """Mask the key in all that is said from here on: a server may repeat it."""
        keep_secret(self.api_key)


@dataclass(frozen=True)
class Reply:
    """A reply that has been read to its end.

    Attributes:
        status: HTTP's.
        headers: names in any case.
        body: unpacked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class CloseClient:
    """Reads from Close; use it as an asynchronous context manager.

    Attributes:
        requests: how many have been sent so far, repeated ones counted.
        watch: is given the headers of every reply, with names in any case; None: nobody looks at them.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self.requests = 0
        self.watch: Callable[[Mapping[str, str]], None] | None = None
        self._budgets: defaultdict[str, Budget] = defaultdict(Budget)
        self._slots: defaultdict[str, Slots] = defaultdict(lambda: Slots(config.concurrency))
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        import httpx

        self._http = httpx.AsyncClient(
            base_url=self.config.base_url.rstrip("/") + API_PATH,
            auth=httpx.BasicAuth(self.config.api_key, ""),
            # Of what httpx could unpack, this is the one thing that is unpacked piece by piece.
            headers={"accept-encoding": "gzip"},
            timeout=self.config.timeout,
            verify=_tls(),
            limits=httpx.Limits(max_connections=self.config.concurrency),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection pool."""
        if self._http is not None:
            await self._http.aclose()

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the body of a GET.

        Args:
            path: below ``/api/v1``, with its last slash.
            params: query parameters; None values are left out. A long list of them travels in the
                body. Source: developer.close.com "Filter Parameters", ``x-http-method-override``.

        Raises:
            CloseError: one of its kinds, after the retries that make sense for it.
        """
        given = {name: value for name, value in (params or {}).items() if value is not None}
        if len(urlencode(given)) > LONGEST_QUERY:
            return await self._retried(
                "POST",
                path,
                json={"_params": given},
                headers={"x-http-method-override": "GET"},
                counts_as="GET",
            )
        return await self._retried("GET", path, params=given, counts_as="GET")

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of a POST that reads (a search).

        Raises:
            CloseError: as for `get`.
        """
        return await self._retried("POST", path, json=body, counts_as="POST")

    async def _retried(self, method: str, path: str, *, counts_as: str, **options: Any) -> dict[str, Any]:
        import stamina

        config = self.config
        async for attempt in stamina.retry_context(
            on=partial(_pause_before_retry, config.patience),
            attempts=config.attempts,
            timeout=config.patience,
            wait_initial=config.wait_initial,
            wait_jitter=config.wait_initial,
            wait_max=config.wait_max,
        ):
            with attempt:
                return await self._send(method, path, counts_as=counts_as, **options)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _send(self, method: str, path: str, *, counts_as: str, **options: Any) -> dict[str, Any]:
        where, group = f"{method} {path}", endpoint_group(counts_as, path)
        budget, slots = self._budgets[group], self._slots[group]
        await slots.take()
        seconds = None
        try:
            number = await budget.take()
            self.requests += 1
            began = time.monotonic()
            reply = await self._exchange(where, method, path, options)
            seconds = time.monotonic() - began
            if self.watch is not None:
                self.watch(reply.headers)
            budget.give_back(number, read_rates(reply.headers), seconds)
            return _read(reply, where, self.config)
        except CloseRateLimited as error:
            self._hold(budget, where, _pause(error))
            raise
        except CloseServerError:
            seconds = None
            raise
        finally:
            await slots.give_back(seconds)

    def _hold(self, budget: Budget, where: str, seconds: float) -> None:
        """Let nobody send for as long as a 429 asks for; a pause beyond our patience ends the task instead."""
        seconds = min(seconds, self.config.patience)
        if seconds >= TOLD_FROM:
            until = datetime.now(UTC) + timedelta(seconds=seconds)
            log.warning("%s: Close asks for a pause: nothing is sent until %s UTC", where, f"{until:%H:%M:%S}")
        budget.hold(seconds)

    async def _exchange(self, where: str, method: str, path: str, options: Mapping[str, Any]) -> Reply:
        import httpx

        if self._http is None:
            raise RuntimeError("open the client first: async with CloseClient(config) as client")
        request = self._http.build_request(method, path.lstrip("/"), **options)
        try:
            async with asyncio.timeout(self.config.deadline):
                return await _followed(self._http, request, where)
        except TimeoutError as error:
            raise CloseConnectionError(
                f"{where}: the answer of {self.config.base_url} was not complete after {self.config.deadline:.0f} s: "
                "check the network, then run the task again"
            ) from error
        except httpx.TimeoutException as error:
            raise CloseConnectionError(
                f"{where}: no answer from {self.config.base_url} in {self.config.timeout:.0f} s "
                f"({type(error).__name__}): check the network, then run the task again"
            ) from error
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            raise CloseConnectionError(
                f"{where}: the connection to {self.config.base_url} failed ({type(error).__name__}: "
                f"{error}): check the address of the Close connection and the network, then run the task "
                "again"
            ) from error


async def _followed(http: httpx.AsyncClient, request: httpx.Request, where: str) -> Reply:
    """Send a request and follow redirects on its host: a path without its last slash is answered with one.

    httpx itself would read the body of a redirect whole, however large it unpacks to.
    """
    import httpx

    for _ in range(MOST_REDIRECTS):
        response = await http.send(request, stream=True)
        try:
            refuse_other_host(response)
            if response.next_request is None:
                return Reply(response.status_code, response.headers, await read_body(response, where))
            request = response.next_request
        finally:
            await response.aclose()
    raise httpx.TooManyRedirects(f"more than {MOST_REDIRECTS} redirects", request=request)


@cache
def _tls() -> ssl.SSLContext:
    """Return the certificates to trust; reading them takes longer than a request."""
    import httpx

    return httpx.create_ssl_context()


def _pause(error: CloseRateLimited) -> float:
    """Return the seconds to wait after a 429."""
    return PAUSE_WITHOUT_HEADER if error.retry_after is None else error.retry_after


def _pause_before_retry(patience: float, error: Exception) -> bool | float:
    """Say whether a request is worth sending again, or after how many seconds: never more than our patience."""
    if isinstance(error, CloseRateLimited):
        pause = _pause(error)
        return pause if pause <= patience else False
    if isinstance(error, CloseOversizeError):
        return False
    return isinstance(error, CloseServerError | CloseConnectionError | CloseResponseError)


def _read(reply: Reply, where: str, config: ClientConfig) -> dict[str, Any]:
    if reply.status >= 300:
        raise _error(reply, where, config)
    try:
        body = parse(reply.body, where)
    except ValueError as error:
        raise CloseResponseError(
            f"{where}: the reply is no JSON ({len(reply.body)} bytes of "
            f"{reply.headers.get('content-type', 'unknown type')}): a proxy may have answered, or the reply "
            "was cut short; run the task again"
        ) from error
    if not isinstance(body, dict):
        raise CloseResponseError(f"{where}: the reply is a JSON {type(body).__name__}, not an object")
    return body


def _error(reply: Reply, where: str, config: ClientConfig) -> CloseError:
    status, said = reply.status, one_line(masked(_said(reply, where)))[:LONGEST_SAID]
    message = f"{where}: {status} {said}".rstrip()
    if status == 401:
        return CloseAuthError(
            f"{message}: put a valid API key (Close: Settings > Developer > API Keys) into the password of the "
            "Close connection in Airflow"
        )
    if status == 403:
        return CloseUnavailableError(
            f"{message}: the API key's user may not read this; use the key of a user with the role Admin"
        )
    if status == 402:
        return CloseUnavailableError(f"{message}: the account's Close plan does not include this")
    if status == 404:
        return CloseNotFoundError(message)
    if status == 429:
        pause = read_pause(reply.headers)
        asked = "" if pause is None else f", and Close asks to wait {pause:.0f} s"
        return CloseRateLimited(
            f"{message}: the key's rate limit is used up{asked}; fewer slots in the Airflow pool close_api leave more "
            "to each",
            pause,
        )
    if status >= 500:
        return CloseServerError(f"{message}: Close has a problem; run the task again, and see status.close.com")
    if "cursor" in said:
        return CloseCursorError(message)
    return CloseRequestError(message)


def _said(reply: Reply, where: str) -> str:
    """Return what an error body says: ``error``, ``errors`` and ``field-errors``, as far as it has them."""
    try:
        body = parse(reply.body, where)
    except (ValueError, CloseOversizeError):
        return ""
    if not isinstance(body, dict):
        return ""
    parts = []
    error = body.get("error", body.get("message"))
    if error:
        parts.append(str(error.get("message", error)) if isinstance(error, dict) else str(error))
    parts += [str(one) for one in body.get("errors") or ()]
    if body.get("field-errors"):
        parts.append(str(body["field-errors"]))
    return "; ".join(parts)
