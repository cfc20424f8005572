"""``python -m include.sandbox.close_api --account DIR``: the sandbox as a program.

Listens on loopback until SIGTERM or SIGINT. The port goes to ``--port-file`` once the server
answers.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from include.sandbox.close_api.config import API_KEY
from include.sandbox.close_api.generated.spec import Generated
from include.sandbox.close_api.server import CloseSandbox


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m include.sandbox.close_api", description=__doc__)
    served = parser.add_mutually_exclusive_group(required=True)
    served.add_argument("--account", type=Path, help="account folder (JSON Lines)")
    served.add_argument(
        "--generated",
        type=Generated.parse,
        metavar="leads=N,activities=N,...",
        help="generate an account: " + ", ".join(f"{name}={value}" for name, value in asdict(Generated()).items()),
    )
    parser.add_argument("--state", type=Path, help="folder that keeps changes across restarts")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--port-file", type=Path, help="file that receives the port")
    parser.add_argument("--as-of", help="instant (ISO 8601) at which the sandbox's now begins")
    parser.add_argument("--api-key", default=API_KEY, help="the key that is let in")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="delay of every reply")
    parser.add_argument("--rate", type=int, default=160, help="requests a window and endpoint group; 0: any")
    parser.add_argument("--search-rate", type=int, help="the same for search; default: a tenth of --rate")
    parser.add_argument("--rate-window", type=float, default=8.0, help="seconds of a window")
    parser.add_argument("--rate-headers", choices=("semicolon", "comma", "none"), default="semicolon")
    parser.add_argument("--max-skip", type=int, default=250_000, help="largest _skip")
    parser.add_argument("--search-delay", type=float, default=0.0, help="seconds until search shows a write")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop; return the exit status."""
    given = arguments(argv)
    try:
        sandbox = CloseSandbox(
            given.generated or given.account,
            state=given.state,
            as_of=given.as_of,
            port=given.port,
            api_key=given.api_key,
            latency=given.latency_ms / 1000,
            rate=given.rate,
            search_rate=given.search_rate,
            rate_window=given.rate_window,
            rate_headers=given.rate_headers,
            max_skip=given.max_skip,
            search_delay=given.search_delay,
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with sandbox:
        print(f"Close sandbox: {sandbox.url}/api/v1/ serving {given.generated or given.account}", flush=True)
        if given.port_file is not None:
            _publish_port(given.port_file, sandbox.port)
        ended.wait()
    return 0


def _publish_port(path: Path, port: int) -> None:
    """Write the port so that a reader sees either no file or a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(f"{port}\n", encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
