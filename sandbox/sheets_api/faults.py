"""Faults on demand: what Google's service does on a bad day, and its quota."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.sheets_api.errors import ApiError, error_info

KINDS = ("status", "status_after", "html", "reset", "reset_after", "slow")
MINUTE = 60.0


@dataclass
class Fault:
    """One fault that waits for matching requests.

    Attributes:
        kind: "status" answers with an error instead of doing anything; "status_after" does the work, then answers with
            the error; "html" is an error page of Google's front end; "reset" and "reset_after" drop the connection
            before or after the work; "slow" waits, then goes on.
        method: HTTP method, any where empty.
        path: part of the path, any where empty. The API's calls only, not the sandbox's own.
        after: how many matching requests still pass first.
        times: how many requests it still hits.
        status: HTTP status, for the kinds that answer.
        seconds: how long "slow" waits.
        message: the error's text; Google's usual one where empty.
        reason: what the error's details say, such as SERVICE_DISABLED.
    """

    kind: str
    method: str = ""
    path: str = ""
    after: int = 0
    times: int = 1
    status: int = 503
    seconds: float = 1.0
    message: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of fault; choose one of {', '.join(KINDS)}.")

    def error(self) -> ApiError:
        """The answer of a fault that answers."""
        details = [error_info(self.reason, {"service": "sheets.googleapis.com"})] if self.reason else []
        return ApiError(self.status, self.message or None, details)


@dataclass
class Faults:
    """The faults that wait, in the order they were added."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, **options: Any) -> Fault:
        """Adds a fault; the options are the attributes of `Fault`."""
        fault = Fault(kind, **options)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Drops all faults."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """The faults that have not been used up."""
        with self._lock:
            return list(self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault for a request, used up by one."""
        with self._lock:
            for fault in self._waiting:
                if fault.method.upper() not in {"", method} or fault.path not in path:
                    continue
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None


@dataclass
class Quota:
    """Requests a minute, reads and writes apart; no limit where None (Google's are 60 each per account).

    Source: https://developers.google.com/workspace/sheets/api/limits
    """

    reads: int | None = None
    writes: int | None = None
    _seen: dict[str, deque[float]] = field(default_factory=lambda: {"Read": deque(), "Write": deque()})

    def spend(self, *, write: bool) -> None:
        """Counts one request.

        Raises:
            ApiError: 429 over the limit.
        """
        kind = "Write" if write else "Read"
        limit = self.writes if write else self.reads
        seen, now = self._seen[kind], time.monotonic()
        while seen and seen[0] <= now - MINUTE:
            seen.popleft()
        if limit is not None and len(seen) >= limit:
            raise _exceeded(kind)
        seen.append(now)


def _exceeded(kind: str) -> ApiError:
    metric, limit = f"{kind} requests", f"{kind} requests per minute per user"
    text = (
        f"Quota exceeded for quota metric '{metric}' and limit '{limit}' of service 'sheets.googleapis.com' for "
        "consumer 'project_number:100000000000'."
    )
    metadata = {
        "consumer": "projects/100000000000",
        "quota_limit": f"{kind}RequestsPerMinutePerUser",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "service": "sheets.googleapis.com",
    }
    return ApiError(429, text, [error_info("RATE_LIMIT_EXCEEDED", metadata)])
