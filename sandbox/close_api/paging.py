"""Offset paging and the choice of fields.

Source: developer.close.com "Pagination", "Fields"; github.com/closeio/flask-mongorest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sandbox.close_api.calls import Call
    from sandbox.close_api.config import SandboxConfig

DEFAULT_LIMIT = 100
ALL_FIELDS = "_all"


@dataclass(frozen=True)
class Page:
    """How many rows, after how many."""

    limit: int
    skip: int

    def of(self, rows: Sequence[Any]) -> tuple[Sequence[Any], bool]:
        """Return the page's rows and whether more follow; a full last page has none after it."""
        stop = self.skip + self.limit
        return rows[self.skip : stop], len(rows) > stop


def read_page(call: Call, config: SandboxConfig, resource: str, default: int = DEFAULT_LIMIT) -> Page:
    """Return the page a request asks for.

    Raises:
        ApiError: 400 where ``_limit`` or ``_skip`` is no number, negative or above its cap.
    """
    limit_cap, skip_cap = config.page_cap(resource), config.skip_cap(resource)
    limit = _whole(call, "_limit", min(default, limit_cap))
    skip = _whole(call, "_skip", 0)
    if limit > limit_cap:
        raise errors.limit_too_large(limit_cap)
    if skip > skip_cap:
        raise errors.skip_too_large(skip_cap)
    return Page(limit, skip)


def _whole(call: Call, name: str, default: int) -> int:
    text = call.param(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise errors.not_an_integer(name, text) from None
    if number < 0:
        raise errors.negative(name, text)
    return number


def wanted_fields(names: Collection[str] | None) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a function that keeps the fields asked for.

    Unknown names are ignored; ``custom`` stands for all custom fields, ``_all`` for everything.
    """
    if not names or ALL_FIELDS in names:
        return lambda row: row
    wanted = set(names)
    if "custom" not in wanted:
        return lambda row: {key: value for key, value in row.items() if key in wanted}
    return lambda row: {key: value for key, value in row.items() if key in wanted or key.startswith("custom.")}
