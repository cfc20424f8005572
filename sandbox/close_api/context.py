"""What the resources work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.close_api import errors
from sandbox.close_api.paging import ALL_FIELDS, read_page, wanted_fields
from sandbox.close_api.visibility import sees

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.close_api.account import Account
    from sandbox.close_api.calls import Call
    from sandbox.close_api.collection import Collection, Row
    from sandbox.close_api.config import SandboxConfig
    from sandbox.close_api.cursors import Searches
    from sandbox.close_api.events import EventLog
    from sandbox.close_api.export_store import Exports
    from sandbox.close_api.filters import ResultCache
    from sandbox.close_api.render import Renderer
    from sandbox.close_api.times import Clock
    from sandbox.close_api.writer import Writer


@dataclass(frozen=True)
class Context:
    """The parts of one sandbox that its resources share."""

    account: Account
    config: SandboxConfig
    clock: Clock
    renderer: Renderer
    log: EventLog
    writer: Writer
    searches: Searches
    cache: ResultCache
    exports: Exports

    def find(self, resource: str, row_id: str, class_name: str, user: str | None = None) -> Row:
        """Return a stored row that a user sees; None is a user who sees everything.

        Raises:
            ApiError: 404 without it.
        """
        row = self.account[resource].get(row_id)
        if row is None or not sees(self.account, resource, row, user):
            raise errors.unknown_object(class_name)
        return row

    def fields(self, call: Call) -> list[str] | None:
        """Return the names in ``_fields``, None for the default ones."""
        names = call.values("_fields")
        return None if names is None or ALL_FIELDS in names else names

    def one(self, call: Call, row: Row) -> Row:
        """Return the reply for a single object."""
        return wanted_fields(self.fields(call))(row)

    def listing(self, call: Call, resource: str, items: Sequence[Any], render: Callable[[Any], Row]) -> dict[str, Any]:
        """Return ``data`` and ``has_more`` for the page of ``items`` that a request asks for.

        Args:
            call: the request with ``_limit``, ``_skip`` and ``_fields``.
            resource: whose caps hold.
            items: all matches, in order.
            render: makes the API's object of an item.
        """
        page, more = read_page(call, self.config, resource).of(items)
        pick = wanted_fields(self.fields(call))
        return {"data": [pick(render(item)) for item in page], "has_more": more}

    def rows(
        self, call: Call, resource: str, rows: Collection, ids: Sequence[str], render: Callable[[Row], Row]
    ) -> dict[str, Any]:
        """Return the same for ids of rows, ``render`` being given stored rows."""
        page, more = read_page(call, self.config, resource).of(ids)
        return {"data": rows.shown(page, self.fields(call), render), "has_more": more}
