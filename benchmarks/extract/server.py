"""``python -m benchmarks.extract.server``: the Close sandbox, which notes when it counted each request.

``GET /_benchmark/requests`` replies a list of ``[seconds, group, status]``; ``DELETE`` forgets them.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from sandbox.close_api import CloseSandbox, Generated
from sandbox.close_api.limits import endpoint_group
from sandbox.loopback import publish_port, stop_signal
from sandbox.request_log import RequestLog

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.request_log import ServedRequest


class TimedLog(RequestLog):
    """Keeps the instant, the endpoint group and the status of every request."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: list[tuple[float, str, int]] = []

    def add(self, served: ServedRequest) -> None:
        """Note a request."""
        self.counted.append((monotonic(), endpoint_group(served.method, served.path), served.status))


class TimedSandbox(CloseSandbox):
    """A sandbox with such a log."""

    def app(self) -> Starlette:
        """Return the ASGI application."""
        self.requests = log = TimedLog()

        async def requests(request: Request) -> Response:
            if request.method == "DELETE":
                log.counted.clear()
            return JSONResponse(log.counted)

        timed = Route("/_benchmark/requests", requests, methods=["GET", "DELETE"])
        return Starlette(routes=[timed, Mount("/", super().app())])


def main() -> int:
    """Serve until told to stop; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extract.server", description=__doc__)
    account = parser.add_mutually_exclusive_group(required=True)
    account.add_argument("--account", type=Path, help="account folder (JSON Lines)")
    account.add_argument("--generated", type=Generated.parse, help="leads=2000,activities=10000,...")
    parser.add_argument("--port-file", type=Path, required=True, help="file that receives the port")
    parser.add_argument("--latency-ms", type=float, required=True, help="delay of every reply")
    given = parser.parse_args()
    ended = stop_signal()
    account_served = given.generated or given.account
    with TimedSandbox(account_served, as_of=datetime.now(UTC), latency=given.latency_ms / 1000) as sandbox:
        publish_port(given.port_file, sandbox.port)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
