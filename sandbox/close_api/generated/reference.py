"""The small resources of a generated account, as rows.

Statuses, pipelines and fields have the names that the demo company has, so that the same settings fit.
"""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sandbox.close_api.generated.packed import PackedIds
from sandbox.close_api.times import naive_stamp, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.close_api.generated.spec import Generated

Row = dict[str, Any]

LEAD_STATUSES = ("Potential", "Contacted", "Trial", "Customer", "Churned", "Lost", "Bad fit")
PIPELINES: Mapping[str, tuple[tuple[str, str, int], ...]] = MappingProxyType({
    "New business": (
        ("Discovery", "active", 20),
        ("Demo", "active", 40),
        ("Proposal sent", "active", 60),
        ("Won", "won", 100),
        ("Lost", "lost", 0),
    ),
    "Expansion": (
        ("Identified", "active", 30),
        ("Proposal sent", "active", 60),
        ("Won", "won", 100),
        ("Lost", "lost", 0),
    ),
    "Renewal": (
        ("Upcoming", "active", 70),
        ("In negotiation", "active", 80),
        ("Renewed", "won", 100),
        ("Not renewed", "lost", 0),
    ),
})
"""Pipeline -> its statuses: label, type, confidence of the opportunities in it."""

SOURCES = ("Website", "Referral", "Webinar", "Cold call", "Event", "Partner")
OUTCOMES = ("Held", "No-show", "Rescheduled")
_FIRST = ("Ada", "Bela", "Chen", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jo")
_LAST = ("Abbot", "Brandt", "Costa", "Duarte", "Ellis", "Fischer", "Grant", "Hughes", "Ito", "Jansen")
_DEPARTED = 10


def code_id(prefix: str, *parts: str | int) -> str:
    """Return the id that always belongs to these parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()
    return f"{prefix}_{digest[:43] if prefix in {'orga', 'stat', 'cf'} else digest[:22]}"


class Reference:
    """Ids and rows of a generated account's small resources."""

    def __init__(self, spec: Generated) -> None:
        self._spec = spec
        self.organization = code_id("orga", spec.seed)
        self.users = PackedIds("user", spec.seed).of(range(spec.users))
        self.lead_statuses = [code_id("stat", spec.seed, "lead", label) for label in LEAD_STATUSES]
        self.stages = [
            (code_id("stat", spec.seed, name, label), kind, confidence)
            for name, stages in PIPELINES.items()
            for label, kind, confidence in stages
        ]
        self.source_field = code_id("cf", spec.seed, "Lead source")
        self.owner_field = code_id("cf", spec.seed, "Account owner")
        self.outcomes = [code_id("outcome", spec.seed, name) for name in OUTCOMES]

    def rows(self) -> dict[str, list[Row]]:
        """Return all rows by resource."""
        began = stamp(self._spec.start)
        dates = {"date_created": began, "date_updated": began}
        fields: list[Row] = [
            {"id": self.source_field, "name": "Lead source", "type": "choices", "choices": list(SOURCES)},
            {"id": self.owner_field, "name": "Account owner", "type": "user"},
        ]
        return {
            "organization": [{"id": self.organization, "name": "Generated", "currency": "USD", **dates}],
            "users": [self._user(place) for place in range(self._spec.users)],
            "lead_statuses": [
                {"id": row_id, "label": label} for row_id, label in zip(self.lead_statuses, LEAD_STATUSES, strict=True)
            ],
            "pipelines": self._pipelines(),
            "custom_fields": [{"object_type": "lead", **field, **dates} for field in fields],
            "outcomes": [
                {"id": row_id, "name": name, **dates} for row_id, name in zip(self.outcomes, OUTCOMES, strict=True)
            ],
        }

    def _user(self, place: int) -> Row:
        first, last = _FIRST[place % len(_FIRST)], _LAST[place // len(_FIRST) % len(_LAST)]
        began = stamp(self._spec.start)
        row: Row = {
            "id": self.users[place],
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}.{place}@example.com".lower(),
            "email_verified_at": began,
            "last_used_timezone": "America/New_York",
            "date_created": began,
            "date_updated": began,
        }
        return {**row, "is_active": False} if place % _DEPARTED == _DEPARTED - 1 else row

    def _pipelines(self) -> list[Row]:
        stages = iter(self.stages)
        began = naive_stamp(self._spec.start)
        return [
            {
                "id": code_id("pipe", self._spec.seed, name),
                "name": name,
                "date_created": began,
                "date_updated": began,
                "statuses": [{"id": next(stages)[0], "label": label, "type": kind} for label, kind, _ in statuses],
            }
            for name, statuses in PIPELINES.items()
        ]
