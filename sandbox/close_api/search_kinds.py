"""The types of objects that can be searched.

Source: developer.close.com "Advanced Filtering"; types other than leads and contacts are used by public
connectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandbox.close_api import activity_shapes, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALWAYS = frozenset({"id", "date_created", "date_updated", "organization_id"})


@dataclass(frozen=True)
class Kind:
    """A type of object that can be searched.

    Attributes:
        name: as in a query: ``lead``, ``activity.call``.
        resource: the collection it lives in.
        activity: its ``_type``, None for other objects.
        fields: the regular fields of its objects.
    """

    name: str
    resource: str
    activity: str | None
    fields: frozenset[str]


def _kinds() -> dict[str, Kind]:
    plain = {
        "lead": ("leads", shapes.LEAD),
        "contact": ("contacts", shapes.CONTACT),
        "opportunity": ("opportunities", shapes.OPPORTUNITY),
    }
    found = {name: Kind(name, resource, None, _ALWAYS | frozenset(shape)) for name, (resource, shape) in plain.items()}
    for activity, name in activity_shapes.EVENT_TYPES.items():
        fields = _ALWAYS | {"activity_at"} | set(activity_shapes.ACTIVITY) | set(activity_shapes.ACTIVITIES[activity])
        found[name] = Kind(name, "activities", activity, frozenset(fields))
    return found


KINDS: Mapping[str, Kind] = MappingProxyType(_kinds())
