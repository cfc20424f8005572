"""What was asked of the sandbox."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT = 100_000


@dataclass(frozen=True)
class ServedRequest:
    """One request and its outcome.

    Attributes:
        method: as sent; an overridden POST is a GET.
        path: below /api/v1.
        query: the query string as sent.
        status: of the reply; 0 where the connection was reset.
        body: the request's body.
    """

    method: str
    path: str
    query: str
    status: int
    body: str = ""


class RequestLog:
    """The last requests, oldest first. Safe to read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: deque[ServedRequest] = deque(maxlen=_KEPT)

    def __iter__(self) -> Iterator[ServedRequest]:
        with self._lock:
            return iter(list(self._served))

    def __len__(self) -> int:
        return len(self._served)

    def __getitem__(self, place: int) -> ServedRequest:
        return self._served[place]

    def add(self, served: ServedRequest) -> None:
        """Note a request."""
        with self._lock:
            self._served.append(served)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._served.clear()

    def count(self, path: str = "*", method: str | None = None, status: int | None = None) -> int:
        """Return how many requests match a glob over the path, a method and a status."""
        return sum(
            fnmatchcase(served.path, path) and method in {None, served.method} and status in {None, served.status}
            for served in self
        )
