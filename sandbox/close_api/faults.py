"""Faults on demand: what goes wrong, where, and how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from sandbox.close_api.config import BodyStyle, HeaderStyle

Kind = Literal["status", "rate_limit", "unauthorized", "reset", "cut", "truncate", "slow"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Fault:
    """One kind of trouble for some requests.

    Attributes:
        kind: ``status`` replies ``status`` with ``body``; ``rate_limit`` replies 429;
            ``unauthorized`` replies 401; ``reset`` resets the connection before a reply; ``cut``
            closes it in the middle of the reply; ``truncate`` sends a whole reply of half the
            JSON; ``slow`` replies after ``seconds``.
        path: glob over the path below /api/v1 (``/activity/*``); ``*`` also matches slashes.
        method: GET, POST, ...; None for all.
        count: how many matching requests fail; None: all from now on.
        after: how many matching requests pass before.
        status: of kind ``status``.
        body: of kind ``status``; often empty or HTML.
        content_type: of kind ``status``.
        headers: of kind ``rate_limit``: form of the rate headers; ``none`` leaves out
            ``retry-after`` too.
        rate_body: of kind ``rate_limit``: form of the body.
        seconds: of kind ``slow``: the delay; of kind ``rate_limit``: the time to wait.
    """

    kind: Kind
    path: str = "*"
    method: str | None = None
    count: int | None = 1
    after: int = 0
    status: int = 503
    body: str = ""
    content_type: str = "text/html"
    headers: HeaderStyle = "semicolon"
    rate_body: BodyStyle = "nested"
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}: choose from {', '.join(KINDS)}")

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request is meant."""
        return self.method in {None, method} and fnmatchcase(path, self.path)


class Faults:
    """The faults that are due, first come first served. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: list[tuple[Fault, int]] = []

    def add(self, kind: Kind, path: str = "*", **details: Any) -> Fault:
        """Let requests fail; see ``Fault`` for the details.

        Raises:
            ValueError: an unknown kind or detail.
        """
        known = {field.name for field in fields(Fault)}
        for name in details:
            if name not in known:
                raise ValueError(f"unknown detail {name!r} of a fault: choose from {', '.join(sorted(known))}")
        fault = Fault(kind, path, **details)
        with self._lock:
            self._due.append((fault, 0))
        return fault

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._due.clear()

    def pending(self) -> list[Fault]:
        """Return the faults that are still to come."""
        with self._lock:
            return [fault for fault, _ in self._due]

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits a request, and count it."""
        with self._lock:
            for place, (fault, seen) in enumerate(self._due):
                if not fault.matches(method, path):
                    continue
                self._due[place] = (fault, seen + 1)
                if seen < fault.after:
                    continue
                if fault.count is not None and seen + 1 >= fault.after + fault.count:
                    del self._due[place]
                return fault
        return None
