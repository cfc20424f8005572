"""Running the sandbox: in a thread of a test, or as a process."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

from sandbox.loopback import HOST, ServerThread, listen
from sandbox.request_log import RequestLog
from sandbox.sheets_api.app import build
from sandbox.sheets_api.auth import Auth
from sandbox.sheets_api.faults import Faults, Quota
from sandbox.sheets_api.middleware import ConnectionDroppedError
from sandbox.sheets_api.model import COPIED_METADATA
from sandbox.sheets_api.resource import spreadsheet, whole
from sandbox.sheets_api.state import SandboxState
from sandbox.sheets_api.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from starlette.types import ASGIApp, Receive, Scope, Send

KEY_FILE = "service-account.json"


class SheetsSandbox:
    """Google Sheets on loopback, running in a thread while the context is open.

    Args:
        state: folder that keeps spreadsheets and the key; a second run continues with them.
        port: 0 takes a free one.
        anonymous: serve the API without tokens.
        reads_per_minute: quota of reading calls; None for no limit.
        writes_per_minute: quota of writing calls; None for no limit.
        copied_metadata: what a copied tab or spreadsheet has of developer metadata: "same_ids", "new_ids" or "none".

    Attributes:
        faults: faults to inject (`sandbox.faults.add("status_after", status=503)`).
        quota: the limits, changeable while it runs.
        requests: the calls served so far.
        auth: the token endpoint (`sandbox.auth.revoke_all()`).
        store: the spreadsheets; `sandbox.store.copied_metadata` can be changed while it runs.
    """

    def __init__(
        self,
        state: Path,
        *,
        port: int = 0,
        anonymous: bool = False,
        reads_per_minute: int | None = None,
        writes_per_minute: int | None = None,
        copied_metadata: str = COPIED_METADATA[0],
    ) -> None:
        self.folder = state
        self.store = Store(state / "spreadsheets", copied_metadata)
        self.auth = Auth(state, anonymous=anonymous)
        self.faults = Faults()
        self.quota = Quota(reads_per_minute, writes_per_minute)
        self.requests = RequestLog()
        self._socket = listen(port)

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

    def spreadsheet(self, spreadsheet_id: str, title: str | None = None) -> dict[str, Any]:
        """The Spreadsheet message with grid data, as spreadsheets.get returns it; of one tab where that is named."""
        book = self.store.get(spreadsheet_id)
        blocks = [whole(sheet) for sheet in book.sheets if sheet.properties["title"] == title]
        return spreadsheet(self.store.views(book), grid_data=True, blocks=blocks)

    def service_account_info(self) -> dict[str, str]:
        """A service-account key JSON whose token_uri is this sandbox."""
        return self.auth.service_account_info(self.url)

    def __enter__(self) -> Self:
        """Starts serving in a thread; returns when it answers."""
        state = SandboxState(self.store, self.auth, self.faults, self.quota, self.requests)
        self._write_key()
        self._server = ServerThread(f"The Sheets sandbox on {self.url}", _dropping(build(state)), self._socket)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops serving; the state stays on disk."""
        self._server.stop()

    def _write_key(self) -> None:
        """Leaves the service-account key in the state folder, for another process."""
        path = self.folder / KEY_FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps(self.service_account_info(), indent=2), encoding="utf-8")


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
