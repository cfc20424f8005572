"""Running the sandbox: in a thread of a test, or as a process."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from sandbox.sheets_api.auth import Auth
from sandbox.sheets_api.faults import Faults, Quota
from sandbox.sheets_api.middleware import ConnectionDroppedError, RequestLog
from sandbox.sheets_api.resource import spreadsheet
from sandbox.sheets_api.state import SandboxState
from sandbox.sheets_api.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import uvicorn
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
KEY_FILE = "service-account.json"
START_SECONDS = 20.0


class SheetsSandbox:
    """Google Sheets on loopback, running in a thread while the context is open.

    Args:
        state: folder that keeps spreadsheets and the key; a second run continues with them.
        port: 0 takes a free one.
        anonymous: serve the API without tokens.
        reads_per_minute: quota of reading calls; None for no limit.
        writes_per_minute: quota of writing calls; None for no limit.

    Attributes:
        faults: faults to inject (`sandbox.faults.add("status_after", status=503)`).
        quota: the limits, changeable while it runs.
        requests: the calls served so far.
        auth: the token endpoint (`sandbox.auth.revoke_all()`).
    """

    def __init__(
        self,
        state: Path,
        *,
        port: int = 0,
        anonymous: bool = False,
        reads_per_minute: int | None = None,
        writes_per_minute: int | None = None,
    ) -> None:
        self.folder = state
        self.store = Store(state / "spreadsheets")
        self.auth = Auth(state, anonymous=anonymous)
        self.faults = Faults()
        self.quota = Quota(reads_per_minute, writes_per_minute)
        self.requests = RequestLog()
        self._socket = _listen(port)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        """The base address, in place of https://sheets.googleapis.com."""
        return f"http://{HOST}:{self.port}"

    def page_url(self, spreadsheet_id: str) -> str:
        """The address of a spreadsheet's page."""
        return f"{self.url}/spreadsheets/d/{spreadsheet_id}/edit"

    def create_spreadsheet(self, title: str, id: str | None = None, *, shared: bool = True) -> str:  # noqa: A002
        """Makes an empty spreadsheet.

        Args:
            title: its title.
            id: its id; drawn where left out.
            shared: whether the service account may open it; otherwise the API answers 403.

        Returns:
            The id.
        """
        return self.store.create(title, id, shared=shared).id

    def spreadsheet(self, spreadsheet_id: str) -> dict[str, Any]:
        """The Spreadsheet message with grid data, as spreadsheets.get returns it."""
        return spreadsheet(self.store.get(spreadsheet_id), grid_data=True)

    def service_account_info(self) -> dict[str, str]:
        """A service-account key JSON whose token_uri is this sandbox."""
        return self.auth.service_account_info(self.url)

    def server(self) -> uvicorn.Server:
        """The uvicorn server, configured and not yet running."""
        import uvicorn

        from sandbox.sheets_api.app import build

        state = SandboxState(self.store, self.auth, self.faults, self.quota, self.requests)
        config = uvicorn.Config(
            _dropping(build(state)),
            log_level="warning",
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        self._write_key()
        return uvicorn.Server(config)

    def listener(self) -> socket.socket:
        """The bound socket, which already takes connections."""
        return self._socket

    def __enter__(self) -> Self:
        """Starts serving in a thread; returns when it answers."""
        self._server = self.server()
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"The Sheets sandbox did not start on {self.url}.")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops serving; the state stays on disk."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10)
        self._socket.close()

    def _write_key(self) -> None:
        """Leaves the service-account key in the state folder, for another process."""
        path = self.folder / KEY_FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps(self.service_account_info(), indent=2), encoding="utf-8")


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(128)
    return listener


def _dropping(app: ASGIApp) -> ASGIApp:
    """Closes the connection where the gate asks for it; uvicorn keeps its transport at the bound `send`."""

    async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except ConnectionDroppedError:
            cycle = getattr(send, "__self__", None)
            transport = getattr(cycle, "transport", None)
            if transport is None:
                raise
            transport.abort()
            # The abort is seen by the server on the loop's next turn.
            await asyncio.sleep(0)

    return outermost
