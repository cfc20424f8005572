"""How much of the allowed request rate was used, by what the server counted."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.close_api import SandboxConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.extract.sandbox import Counted

_LIMITS = SandboxConfig()
_REDIRECT, _REFUSED = 308, 429


@dataclass(frozen=True)
class Traffic:
    """The requests of a run.

    Attributes:
        requests: all of them.
        redirects: those that were sent to the path with its last slash; they use no budget.
        refused: those over the limit (429).
        groups: requests by endpoint group, the busiest first.
        busiest: the group with the most requests.
        share: part of the busiest group's budget that was used in the whole windows between its first
            and its last request; None where it never lasted a window.
    """

    requests: int
    redirects: int
    refused: int
    groups: dict[str, int]
    busiest: str | None
    share: float | None


def traffic(counted: Sequence[Counted]) -> Traffic:
    """Sum up the requests of a run: ``(seconds, group, status)``, oldest first."""
    budgeted = [(at, group) for at, group, status in counted if status not in {_REDIRECT, _REFUSED}]
    groups = dict(Counter(group for _, group in budgeted).most_common())
    busiest = next(iter(groups), None)
    statuses = Counter(status for _, _, status in counted)
    share = None if busiest is None else used_share([at for at, group in budgeted if group == busiest], busiest)
    return Traffic(len(counted), statuses[_REDIRECT], statuses[_REFUSED], groups, busiest, share)


def used_share(times: Sequence[float], group: str) -> float | None:
    """Return used / allowed requests in the whole windows that a group's requests span."""
    window = _LIMITS.rate_window
    windows = math.floor((times[-1] - times[0]) / window)
    if not windows:
        return None
    end = times[0] + windows * window
    return least_seconds(sum(at < end for at in times), group) / (windows * window)


def least_seconds(requests: int, group: str) -> float:
    """Return how long requests of an endpoint group take at least where Close's limits hold."""
    return requests * _LIMITS.rate_window / _LIMITS.rate_of(group.partition(" ")[2])
