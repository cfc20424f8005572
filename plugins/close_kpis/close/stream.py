"""What a stream is: one list of Close, and how its objects become rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from close_kpis.close.columns import read_instant
from close_kpis.close.errors import CloseResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from close_kpis.close.columns import Column


OUTLINE = frozenset({"id", "lead_id", "date_created", "date_updated"})
"""Columns that tell whether a row has changed or moved to another lead."""


class Kind(Enum):
    """How a stream is kept up to date."""

    REFERENCE = "reference"
    """Read whole each time: a few rows."""

    LIGHT = "light"
    """All history on the first load, whatever the settings say: customers' histories need it."""

    HEAVY = "heavy"
    """From ``history_start`` of the settings on."""

    EVENTS = "events"
    """The event log."""


@dataclass(frozen=True)
class Stream:
    """A list of Close that is kept up to date in ``raw.<name>``.

    Attributes:
        name: name of the table.
        path: endpoint below ``/api/v1``.
        kind: how it is kept up to date.
        columns: what is asked for, and the table's columns.
        page_size: rows a request; the largest the endpoint is known to serve.
            Source: values that public connectors use without error; 50 for events is documented.
        object_type: its objects' type in the event log; empty where it logs none.
        filters: parameters of every list request.
        order: value of ``_order_by`` that makes the newest come first; None where that is the
            endpoint's only order.
        is_activity: whether changes are invisible to filters.
        has_id_filter: whether ``id__in`` reads many at once.
        has_update_filter: whether ``date_updated`` can be filtered by.
        is_searched: whether only the search endpoint can filter it by time; its list cannot.
    """

    name: str
    path: str
    kind: Kind
    columns: tuple[Column, ...]
    page_size: int = 100
    object_type: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str | None = None
    is_activity: bool = False
    has_id_filter: bool = False
    has_update_filter: bool = False
    is_searched: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields to ask for with ``_fields``."""
        return tuple(dict.fromkeys(field for column in self.columns for field in column.fields))

    @property
    def outline(self) -> Stream:
        """The same list with as little of each row as shows whether it has changed: ids and time stamps."""
        return replace(self, columns=tuple(column for column in self.columns if column.name in OUTLINE))

    @property
    def user_columns(self) -> tuple[str, ...]:
        """The columns that hold a user's id."""
        return tuple(column.name for column in self.columns if column.name in {"user_id", "assigned_to"})

    def instant(self, obj: Mapping[str, Any], name: str) -> datetime | None:
        """Return a time stamp of an object, in UTC.

        Raises:
            CloseResponseError: the field holds none.
        """
        try:
            return read_instant(obj.get(name))
        except ValueError as error:
            raise CloseResponseError(f"{self.path}: {obj.get('id')} has an unexpected {name}: {error}") from None

    def row(self, obj: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row of ``raw.<name>`` for an object as the API returns it.

        Raises:
            CloseResponseError: the object has no id, or a field of an unexpected form.
        """
        if not obj.get("id"):
            raise CloseResponseError(f"{self.path}: an object without id among the {self.name}: {sorted(obj)}")
        try:
            return {column.name: column.read(obj) for column in self.columns}
        except (ValueError, TypeError, AttributeError):
            pass
        for column in self.columns:
            try:
                column.read(obj)
            except (ValueError, TypeError, AttributeError) as error:
                raise CloseResponseError(
                    f"{self.path}: {obj['id']} has an unexpected {column.name}: {error}"
                ) from error
        raise AssertionError("unreachable: one of the columns cannot be read")
