"""How long a server asks to wait."""

from __future__ import annotations

import email.utils
import math
from datetime import UTC, datetime


def read_retry_after(header: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait, None where it says nothing that can be meant.

    Args:
        header: seconds, or a date (which counts as 0 once it has passed). Source: RFC 9110, 10.2.3.
    """
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(header)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
