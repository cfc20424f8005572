"""The page as Airflow mounts it: loaded with the first request, so that a scheduler or a task never loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PREFIX = "/sales-kpis"
"""Where Airflow's API server mounts the page."""


class Entry:
    """An ASGI application that is the page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        from close_kpis.ui.page.app import app

        await app(scope, receive, send)
