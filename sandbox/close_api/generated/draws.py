"""Random columns, the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox.close_api import times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.close_api.generated.columns import Array
    from sandbox.close_api.generated.spec import Generated

SECOND = 1_000_000
DAY = 86_400 * SECOND
_MILLISECOND = 1_000
_EDITED = 0.1


class Draws:
    """What is drawn for one account. Instants are microseconds since 1970, in whole milliseconds."""

    def __init__(self, spec: Generated, topic: str) -> None:
        self._random = np.random.default_rng([spec.seed, *topic.encode()])
        self.start = times.micros(spec.start)
        self.end = times.micros(spec.end)

    def codes(self, count: int, shares: Sequence[float], dtype: Any = np.uint8) -> Array:
        """Return places in a list of choices that are chosen by their shares."""
        limits = np.cumsum(shares) / np.sum(shares)
        codes: Array = np.searchsorted(limits[:-1], self._random.random(count, np.float32), side="right").astype(dtype)
        return codes

    def whole(self, count: int, below: int, dtype: Any = np.int32) -> Array:
        """Return whole numbers from 0 on."""
        return self._random.integers(0, below, count, dtype)

    def chance(self, count: int, share: float) -> Array:
        """Return truth values."""
        drawn: Array = self._random.random(count, np.float32) < share
        return drawn

    def wait(self, count: int, days: float) -> Array:
        """Return waits, mostly short ones."""
        waits = self._random.exponential(days * DAY, count)
        return waits.astype(np.int64) // _MILLISECOND * _MILLISECOND + _MILLISECOND

    def between(self, first: Array) -> Array:
        """Return instants between others and the end."""
        part = self._random.random(len(first))
        return first + ((self.end - first) * part).astype(np.int64) // _MILLISECOND * _MILLISECOND

    def growing(self, count: int) -> Array:
        """Return instants of the whole history, ascending and ever denser; a hundredth share a few instants.

        Those that share one were imported together.
        """
        drawn = self._random.random(count) ** 0.7 * ((self.end - self.start) // _MILLISECOND)
        at = self.start + np.sort(drawn).astype(np.int64) * _MILLISECOND
        lot = min(2_000, count // 500)
        for place in self._random.integers(0, max(1, count - lot), 5) if lot else ():
            at[place : place + lot] = at[place]
        return at

    def updated(self, created: Array) -> Array:
        """Return instants of the last change: mostly at once, for one row in ten any time later."""
        at: Array = np.minimum(created + self.wait(len(created), 0.0005), np.maximum(self.end, created))
        edited = np.flatnonzero(self.chance(len(created), _EDITED))
        at[edited] = np.maximum(self.between(created[edited]), at[edited])
        return at
