"""The searches whose cursors live."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.close_api.collection import Row
    from sandbox.close_api.search_kinds import Kind


@dataclass(frozen=True)
class Walk:
    """A search in progress: what it found, how far it came, until when it may go on, its rows where they are frozen."""

    kind: Kind
    ids: Sequence[str]
    total: int
    place: int
    expires: datetime
    frozen: list[Row] | None = None


class Searches:
    """The walks whose cursors live."""

    def __init__(self) -> None:
        self._walks: dict[str, Walk] = {}

    def keep(self, walk: Walk, now: datetime) -> str:
        """Return a cursor for a walk, and forget those that have expired."""
        while self._walks and self._walks[oldest := next(iter(self._walks))].expires < now:
            del self._walks[oldest]
        cursor = secrets.token_urlsafe(24)
        self._walks[cursor] = walk
        return cursor

    def resume(self, cursor: Any, now: datetime) -> Walk:
        """Return the walk of a cursor.

        Raises:
            ApiError: 400 for a cursor that is unknown or has expired.
        """
        walk = self._walks.get(cursor) if isinstance(cursor, str) else None
        if walk is None or walk.expires < now:
            raise errors.invalid_fields(cursor="Invalid or expired cursor.")
        return walk
