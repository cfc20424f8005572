"""What was asked of a server of the sandbox."""

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
        path: of the Close API below /api/v1, of Google's whole.
        query: the query string as sent.
        status: of the reply; 0 where the connection was dropped.
        body: the request's body, where the server notes it.
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

    def matching(self, path: str = "*", method: str | None = None, status: int | None = None) -> list[ServedRequest]:
        """Return the requests that match a glob over the path, a method and a status."""
        return [
            served
            for served in self
            if fnmatchcase(served.path, path) and method in {None, served.method} and status in {None, served.status}
        ]

    def count(self, path: str = "*", method: str | None = None, status: int | None = None) -> int:
        """Return how many requests match."""
        return len(self.matching(path, method, status))
