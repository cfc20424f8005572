"""The sandbox as a server in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from starlette.applications import Starlette
from starlette.routing import Mount
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.close_api import changes, truth
from sandbox.close_api.account import Account
from sandbox.close_api.config import SandboxConfig
from sandbox.close_api.context import Context
from sandbox.close_api.control import Control
from sandbox.close_api.cursors import Searches
from sandbox.close_api.events import EventLog
from sandbox.close_api.export_files import Downloads
from sandbox.close_api.export_store import Exports
from sandbox.close_api.faults import Faults
from sandbox.close_api.filters import ResultCache
from sandbox.close_api.gateway import BASE, CONNECTION, Gateway
from sandbox.close_api.generated.spec import Generated
from sandbox.close_api.limits import RateLimiter
from sandbox.close_api.oauth import Tokens
from sandbox.close_api.recorder import Recorder
from sandbox.close_api.render import Renderer
from sandbox.close_api.times import Clock
from sandbox.close_api.writer import Writer
from sandbox.loopback import HOST, ServerThread, listen
from sandbox.request_log import RequestLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from sandbox.close_api.collection import Row


class _Protocol(HttpToolsProtocol):
    """HTTP that lets the application reach its connection, to reset it on demand."""

    def data_received(self, data: bytes) -> None:
        CONNECTION.set(self.transport)
        super().data_received(data)


class CloseSandbox:
    """A Close API on loopback that serves an account folder.

    A context manager: the server listens inside the ``with`` block.

    Args:
        account: folder of JSON Lines, a file a resource; or the size of one that is generated.
        state: folder for changes; None keeps them in memory.
        as_of: where the sandbox's now begins; None: the present, or the end of a generated account.
        port: 0 takes a free one.
        knobs: the fields of ``SandboxConfig`` (``rate=10_000``, ``max_skip=300`` ...).

    Attributes:
        writer: changes the account as a user of Close would.
        faults: makes requests fail.
        requests: the requests served so far.
        clock: the sandbox's now.
        account: the rows.
        config: the knobs.

    Raises:
        ValueError: the account folder cannot be read.
    """

    def __init__(
        self,
        account: Path | Generated,
        *,
        state: Path | None = None,
        as_of: datetime | str | None = None,
        port: int = 0,
        **knobs: Any,
    ) -> None:
        self.config = SandboxConfig(**knobs)
        if as_of is None and isinstance(account, Generated):
            as_of = account.end
        self.clock = Clock(as_of)
        self.account = Account(account, state)
        self.faults = Faults()
        self.requests = RequestLog()
        renderer = Renderer(self.account)
        log = EventLog(self.account, self.config, self.clock)
        recorder = Recorder(log, renderer, self.config)
        self.writer = Writer(self.account, recorder, self.config, self.clock)
        self._context = Context(
            self.account,
            self.config,
            self.clock,
            renderer,
            log,
            self.writer,
            Searches(),
            ResultCache(self.account),
            Exports(),
        )
        self._port = port
        self._server: ServerThread | None = None

    @property
    def api_key(self) -> str:
        """The key that is let in."""
        return self.config.api_key

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """The address without the API's base path, ``http://127.0.0.1:PORT``."""
        return f"http://{HOST}:{self._port}"

    def rows(self, resource: str, names: list[str] | None = None, kind: str | None = None) -> Iterator[Row]:
        """Yield all rows of a resource as the API shows them now, oldest first.

        Args:
            resource: as the account folder's file.
            names: the fields wanted, None for all.
            kind: the only ``_type`` wanted, None for all.
        """
        return truth.rows(self._context, resource, names, kind)

    def change(self, **counts: Any) -> Row:
        """Edit, create and delete rows as ``changes.apply`` does."""
        return changes.apply(self._context, **counts)

    def app(self) -> Starlette:
        """Return the ASGI application."""
        control = Control(self._context, self.faults, self.requests)
        tokens, downloads = Tokens(self._context), Downloads(self._context)
        gateway = Gateway(self._context, RateLimiter(self.config), tokens, self.faults, self.requests)
        routes = [*control.routes(), *tokens.routes(), *downloads.routes(), Mount("/", app=gateway)]
        return Starlette(routes=[Mount(BASE, app=gateway), *routes])

    def start(self) -> Self:
        """Listen.

        Raises:
            RuntimeError: the server did not come up.
        """
        listener = listen(self._port)
        self._port = int(listener.getsockname()[1])
        self._server = ServerThread(f"The Close sandbox on {self.url}", self.app(), listener, _Protocol)
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
