"""Rate limits by endpoint group, and how they are told.

Source: developer.close.com "Rate Limits"; recorded headers, which have semicolons where the
documentation has commas.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.close_api import times

if TYPE_CHECKING:
    from sandbox.close_api.config import BodyStyle, HeaderStyle, SandboxConfig

_DIVIDED = frozenset({"activity", "status", "custom_field", "custom_field_schema", "data"})
_KEYS = 3
MESSAGE = "API call count exceeded for this period"


@dataclass(frozen=True)
class Budget:
    """What a key has left in an endpoint group.

    Attributes:
        group: method and first two path segments.
        limit: requests a window.
        remaining: requests left in this window.
        reset: seconds until the next window.
        window: seconds a window.
        is_exceeded: whether this request was one too many.
        scope: whose budget it is: of the ``key``, or of the ``org`` with all its keys.
    """

    group: str
    limit: int
    remaining: int
    reset: float
    window: float
    is_exceeded: bool = False
    scope: str = "key"

    def headers(self, style: HeaderStyle) -> dict[str, str]:
        """Return the headers that tell the budget; none in style ``none``."""
        if style == "none":
            return {}
        reset = math.ceil(self.reset)
        mark = ";" if style == "semicolon" else ","
        told = {
            "ratelimit": f"limit={self.limit}{mark} remaining={self.remaining}{mark} reset={reset}",
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(reset),
        }
        return told | ({"retry-after": str(max(1, reset))} if self.is_exceeded else {})

    def body(self, style: BodyStyle) -> dict[str, Any]:
        """Return the body of the 429."""
        if style == "text":
            return {"error": MESSAGE}
        told = {
            "message": MESSAGE,
            "rate_reset": round(self.reset, 6),
            "rate_limit": self.limit,
            "rate_window": self.window,
            "rate_limit_type": self.scope,
            "rate_endpoint_group": hashlib.md5(self.group.encode(), usedforsecurity=False).hexdigest(),
        }
        if style == "flat":
            return told | {"rate_reset": str(told["rate_reset"])}
        return {"error": told}


def endpoint_group(method: str, path: str) -> str:
    """Return the group whose budget a request uses: method and first two segments, ids left out."""
    first, *rest = path.strip("/").split("/")
    second = f"{rest[0]}/" if rest and (first in _DIVIDED or rest[0] == "merge") else "{id}/" if rest else ""
    return f"{method} /{first}/{second}"


class RateLimiter:
    """Counts requests in windows that begin with a group's first request."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self._windows: dict[tuple[str, str | None], tuple[float, int]] = {}

    def take(self, method: str, path: str, key: str = "") -> Budget | None:
        """Count a request of a key; None where there is no limit.

        All keys of the organisation together have three times what one has.
        """
        config = self._config
        group = endpoint_group(method, path)
        limit = config.rate_of(path)
        if limit <= 0:
            return None
        now = times.monotonic()
        began, used = self._window(now, group, key)
        all_began, all_used = self._window(now, group)
        if used >= limit:
            reset = config.rate_window - (now - began)
            return Budget(group, limit, 0, reset, config.rate_window, is_exceeded=True)
        if all_used >= _KEYS * limit:
            reset = config.rate_window - (now - all_began)
            return Budget(group, _KEYS * limit, 0, reset, config.rate_window, is_exceeded=True, scope="org")
        self._windows[group, key] = (began, used + 1)
        self._windows[group, None] = (all_began, all_used + 1)
        return Budget(group, limit, limit - used - 1, config.rate_window - (now - began), config.rate_window)

    def _window(self, now: float, group: str, key: str | None = None) -> tuple[float, int]:
        """Return when a budget's window began and what it has used; None is the whole organisation."""
        began, used = self._windows.get((group, key), (now, 0))
        return (now, 0) if now - began >= self._config.rate_window else (began, used)
