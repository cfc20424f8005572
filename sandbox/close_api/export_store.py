"""What a sandbox keeps of the exports that were asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.close_api import errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.close_api.collection import Row

_STATES = ("created", "started", "in_progress")


@dataclass
class Export:
    """An export.

    Attributes:
        row: what the API tells of it, less its state.
        ids: of the leads or opportunities in it, as they matched when it was ordered.
        asked: the body of the order.
        polls: how often it was looked at.
        links: secrets in its links, and until when each is good.
    """

    row: Row
    ids: Sequence[str]
    asked: Row
    polls: int = 0
    links: dict[str, datetime] = field(default_factory=dict)

    @property
    def resource(self) -> str:
        """What ``ids`` are of."""
        return "opportunities" if self.row["type"] == "opportunities" else "leads"

    def may_fetch(self, secret: str, now: datetime) -> bool:
        """Say whether a link is good now."""
        return secret in self.links and now < self.links[secret]


class Exports:
    """The exports of one sandbox, in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Export] = {}

    def __getitem__(self, export_id: str) -> Export:
        """Return an export.

        Raises:
            ApiError: 404 without it.
        """
        if export_id not in self._kept:
            raise errors.unknown_object("Export")
        return self._kept[export_id]

    def all(self) -> list[Export]:
        """Return all exports, newest first."""
        return list(self._kept.values())[::-1]

    def add(self, export: Export) -> None:
        """Keep an export."""
        self._kept[export.row["id"]] = export
