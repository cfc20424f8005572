"""What the account holds now, for tests and benchmarks that hold a copy of it against this."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.close_api.collection import Row
    from sandbox.close_api.context import Context

_BATCH = 2_000


def rows(context: Context, resource: str, names: list[str] | None = None, kind: str | None = None) -> Iterator[Row]:
    """Yield all rows of a resource, oldest first.

    Args:
        context: the sandbox.
        resource: as the account folder's file.
        names: the fields wanted, None for all.
        kind: the only ``_type`` wanted, None for all.

    Raises:
        ValueError: an unknown resource.
    """
    return (row for batch in batches(context, resource, names, kind) for row in batch)


def batches(
    context: Context, resource: str, names: list[str] | None = None, kind: str | None = None
) -> Iterator[list[Row]]:
    """Yield the same in lists; a change of the account between two lists leaves out what it deleted."""
    known = context.account.collections
    if resource not in known:
        raise ValueError(f"unknown resource {resource!r}: choose from {', '.join(known)}")
    render = _renderer(context, resource)
    with context.account.lock:
        ids = known[resource].in_order(kind=kind, newest_first=False)
    for start in range(0, len(ids), _BATCH):
        with context.account.lock:
            found = known[resource].shown(ids[start : start + _BATCH], names, render)
        yield found


def _renderer(context: Context, resource: str) -> Callable[[Row], Row]:
    renderer = context.renderer
    renderers: dict[str, Callable[[Row], Row]] = {
        "leads": lambda row: renderer.lead(row, nested=False),
        "contacts": renderer.contact,
        "opportunities": renderer.opportunity,
        "activities": renderer.activity,
        "tasks": renderer.task,
        "events": renderer.event,
        "users": renderer.user,
    }
    return renderers.get(resource, dict)
