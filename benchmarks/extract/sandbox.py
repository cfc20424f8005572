"""The sandbox of one measured tool, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

import httpx

from sandbox.close_api import API_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

START_SECONDS = 300.0

Row = dict[str, Any]
Counted = tuple[float, str, int]


class Sandbox:
    """A running sandbox, seen from outside: what it holds, what was asked of it, changes to it.

    Args:
        account: the server's arguments that name the account (``["--generated", "leads=2000"]``).
        latency_ms: delay of every reply of the API.
        folder: for the port file and the log.

    Attributes:
        url: ``http://127.0.0.1:PORT``.
        api_key: the key that is let in.
    """

    api_key = API_KEY

    def __init__(self, account: Sequence[str], latency_ms: float, folder: Path) -> None:
        self._port_file = folder / "port"
        self._log = (folder / "sandbox.log").open("wb")
        command = [sys.executable, "-m", "benchmarks.extract.server", *account]
        command += ["--latency-ms", str(latency_ms), "--port-file", str(self._port_file)]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        self.url = ""

    def __enter__(self) -> Self:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended or did not answer in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._port_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise RuntimeError(f"the Close sandbox did not start: see {self._log.name}")
            time.sleep(0.05)
        self.url = f"http://127.0.0.1:{self._port_file.read_text(encoding='utf-8')}"
        self._http = httpx.Client(base_url=self.url, timeout=300)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._stop()

    def rows(self, resource: str, fields: Sequence[str] = (), kind: str | None = None) -> Iterator[Row]:
        """Yield what the account holds now, oldest first."""
        params = {"fields": ",".join(fields), "_type": kind}
        given = {name: value for name, value in params.items() if value}
        with self._http.stream("GET", f"/_sandbox/rows/{resource}", params=given) as reply:
            reply.raise_for_status()
            for line in reply.iter_lines():
                yield json.loads(line)

    def write(self, action: str, **what: Any) -> Row:
        """Change the account as a user of Close would.

        Raises:
            httpx.HTTPStatusError: the sandbox refused it.
        """
        row: Row = self._http.post("/_sandbox/writer", json={"action": action, **what}).raise_for_status().json()
        return row

    def turn(self, **knobs: float) -> None:
        """Turn knobs of the sandbox."""
        self._http.post("/_sandbox/knobs", json=knobs).raise_for_status()

    def take_requests(self) -> list[Counted]:
        """Return the requests since the last time, oldest first, and forget them."""
        counted = self._http.get("/_benchmark/requests").raise_for_status().json()
        self._http.delete("/_benchmark/requests").raise_for_status()
        return [(at, group, status) for at, group, status in counted]

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()
