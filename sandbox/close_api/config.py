"""What can be set about the sandbox: page caps, rates, windows of time.

The defaults are what the real service does where that is known; a test turns a knob to make a
rare thing frequent (a ``max_skip`` of 300, a rate of 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

API_KEY = "api_sandbox"  # pragma: allowlist secret

KEY_VARIABLE = "CLOSE_SANDBOX_API_KEY"
"""Names another key in the environment: arguments of a process are everybody's to read."""

PAGE_CAPS: Mapping[str, int] = MappingProxyType({
    "lead": 200,
    "opportunity": 250,
    "task": 1000,
    "user": 1000,
    "custom_field": 1000,
    "event": 50,
    "search": 200,
})
"""Largest ``_limit`` by resource; every other resource allows 100.

Source: values that public connectors use without error; 50 for events is in developer.close.com
"Event Log".
"""

HeaderStyle = Literal["semicolon", "comma", "none"]
BodyStyle = Literal["nested", "flat", "text"]


@dataclass
class SandboxConfig:
    """Behaviour of one sandbox: its knobs.

    Attributes:
        api_key: the key that is let in and sees everything.
        rate: requests of a key to one endpoint group per ``rate_window`` seconds; 0: no limit.
        search_rate: the same for ``/data/search/``, which has a stricter class of its own; None: a
            tenth of ``rate``.
        rate_window: seconds until a group's budget is whole again.
        rate_headers: how the rate is told: ``limit=1; remaining=1; reset=1``, with commas, or not.
        rate_body: form of a 429's body.
        latency: seconds that every reply takes longer.
        skip_seconds: seconds that a list takes longer for every 100,000 rows it skips.
        max_skip: largest ``_skip`` anywhere.
        max_skip_by_resource: exceptions to ``max_skip`` (``{"activity": 300}``).
        page_caps: largest ``_limit`` by resource, laid over ``PAGE_CAPS``.
        event_retention_days: older events are gone.
        event_consolidation: seconds in which a user's further update of an object is folded into
            the event of the first.
        status_consolidation: seconds in which a user's further change of a lead's status rewrites
            the LeadStatusChange of the first; 0 leaves each its own.
        search_delay: seconds until the search index shows a write.
        search_cursor_seconds: life of a search cursor.
        search_shows: the rows of a search's later pages as they are then (``live``), or as they were when it began
            (``frozen``); which of them the real service does is not known.
        edits_per_request: rows that users edit between two requests, whatever the machine's speed.
        creates_per_request: rows that they create.
        deletes_per_request: rows that they delete.
        search_cap: objects after which a search ends, though more match.
        stable_lead_order: False: the pages of ``/lead/`` shift against each other unless sorted.
        restricted_keys: further keys -> the user each belongs to, who sees only rows that they own,
            are assigned to or made, and leads with such rows; without any error.
        not_offered: paths (globs) that the account's plan or the key's role does not offer -> 402 or 403.
        oauth_seconds: life of an OAuth access token.
        export_polls: looks at an export until it is done.
        export_link_seconds: life of a link to an export's file.
        gzip: compress replies for clients that accept it.
    """

    api_key: str = API_KEY
    rate: int = 160
    search_rate: int | None = None
    rate_window: float = 8.0
    rate_headers: HeaderStyle = "semicolon"
    rate_body: BodyStyle = "nested"
    latency: float = 0.0
    skip_seconds: float = 0.0
    max_skip: int = 250_000
    max_skip_by_resource: Mapping[str, int] = field(default_factory=dict)
    page_caps: Mapping[str, int] = field(default_factory=dict)
    event_retention_days: float = 30.0
    event_consolidation: float = 60.0
    status_consolidation: float = 0.0
    search_delay: float = 0.0
    search_cursor_seconds: float = 30.0
    search_shows: Literal["live", "frozen"] = "live"
    edits_per_request: float = 0.0
    creates_per_request: float = 0.0
    deletes_per_request: float = 0.0
    search_cap: int = 10_000
    stable_lead_order: bool = False
    restricted_keys: Mapping[str, str] = field(default_factory=dict)
    not_offered: Mapping[str, int] = field(default_factory=dict)
    oauth_seconds: float = 3600.0
    export_polls: int = 3
    export_link_seconds: float = 60.0
    gzip: bool = False

    def turn(self, **knobs: Any) -> None:
        """Set knobs; requests from now on meet the new values.

        Raises:
            ValueError: there is no such knob.
        """
        known = [knob.name for knob in fields(self)]
        if unknown := sorted(knobs.keys() - known):
            raise ValueError(f"no knob {', '.join(unknown)}: there are {', '.join(known)}")
        for name, value in knobs.items():
            setattr(self, name, value)

    def rate_of(self, path: str) -> int:
        """Return the requests a window that the group of a path allows; 0: any number."""
        if not path.startswith("/data/search/"):
            return self.rate
        return self.rate // 10 if self.search_rate is None else self.search_rate

    def page_cap(self, resource: str) -> int:
        """Return the largest ``_limit`` of a resource."""
        return self.page_caps.get(resource, PAGE_CAPS.get(resource, 100))

    def skip_cap(self, resource: str) -> int:
        """Return the largest ``_skip`` of a resource."""
        return self.max_skip_by_resource.get(resource, self.max_skip)
